import { beforeAll, describe, expect, it } from 'vitest'
import { command } from './support/packages.ts'
import { PackedProject } from './support/packed-project.ts'

/** The command line is installed from its tarball, into projects of all kinds of modules. */

const models = (kind: 'esm' | 'cjs'): string => `
  ${kind === 'esm' ? "import { DataTypes, Sequelize } from 'sequelize'" : "const { DataTypes, Sequelize } = require('sequelize')"}
  const sequelize = new Sequelize('postgres://127.0.0.1:1/none', { logging: false })
  const Article = sequelize.define('Article', { title: DataTypes.TEXT })
  ${kind === 'esm' ? 'export { Article, sequelize }' : 'module.exports = { Article, sequelize }'}
`

interface Plan {
  readonly indexes: readonly { readonly alias: string }[]
}

describe.each(['module', 'commonjs'] as const)('in a project of type %s', (type) => {
  let project: PackedProject
  beforeAll(async () => {
    project = await PackedProject.install(
      [command, 'sync', 'model-index', 'sequelize-stream'],
      { '@elastic/elasticsearch': '^9.0.0', pg: '^8.16.0' },
      { type },
    )
    await project.write(
      `models.${type === 'module' ? 'cjs' : 'mjs'}`,
      models(type === 'module' ? 'cjs' : 'esm'),
    )
    await project.write('models.js', models(type === 'module' ? 'esm' : 'cjs'))
    await project.write('typed.ts', models('esm'))
  }, 180_000)

  const plan = async (config: string): Promise<Plan> =>
    JSON.parse(
      await project.node(
        'node_modules/@kt/cli/dist/main.js',
        'plan',
        '--offline',
        '--json',
        '--config',
        config,
      ),
    ) as Plan

  const esm = (from: string): string => `
    import { Client } from '@elastic/elasticsearch'
    import { modelIndex } from '@kt/model-index'
    import { defineConfig } from '@kt/sync'
    import { Article, sequelize } from '${from}'
    export default defineConfig({
      kafka: { brokers: ['127.0.0.1:1'] },
      search: new Client({ node: 'http://127.0.0.1:1' }),
      sequelize,
      indexes: [modelIndex(Article, { name: 'articles', document: (article) => ({ id: article.get('id') }) })],
    })
  `
  const cjs = (from: string): string =>
    esm(from)
      .replaceAll(/import (\{.*\}) from '(.*)'/gu, "const $1 = require('$2')")
      .replace('export default', 'module.exports =')

  it.each([
    ['kt.config.ts', esm('./typed.ts')],
    ['kt.config.mts', esm('./typed.ts')],
    ['kt.config.cts', esm('./typed.ts')],
    ['kt.config.js', type === 'module' ? esm('./models.js') : cjs('./models.js')],
    ['kt.config.mjs', esm(type === 'module' ? './models.js' : './models.mjs')],
    ['kt.config.cjs', cjs(type === 'module' ? './models.cjs' : './models.js')],
    [
      'function.config.ts',
      esm('./typed').replace('export default defineConfig(', 'export default async () => ('),
    ],
  ])('%s is a configuration', async (name, text) => {
    await project.write(name, text)
    expect(await plan(name)).toMatchObject({ indexes: [{ alias: 'articles' }] })
  })

  it.each([
    ['JavaScript', undefined],
    ['TypeScript', '{}'],
  ])('init writes a configuration in %s that can be planned', async (_, tsconfig) => {
    if (tsconfig !== undefined) await project.write('tsconfig.json', tsconfig)
    const from = tsconfig === undefined ? './models' : './typed'
    await project.node(
      'node_modules/@kt/cli/dist/main.js',
      'init',
      '--force',
      '--model',
      'Article',
      '--models',
      from,
    )
    expect(await plan(`kt.config.${tsconfig === undefined ? 'js' : 'ts'}`)).toMatchObject({
      indexes: [{ alias: 'articles' }],
    })
  })
})
