import { beforeAll, describe, expect, it } from 'vitest'
import { manifestOf, packages, peersOf } from './support/packages.ts'
import { PackedProject } from './support/packed-project.ts'

/** Each public package is installed from its tarball, only with its peers, as a user would. */

const drivers = ['kafkajs', '@elastic/elasticsearch', '@opensearch-project/opensearch', 'sequelize']

/** The packages that depend on others of ours than core alone. */
const builtOn: Readonly<Record<string, readonly string[]>> = {
  core: [],
  'model-index': ['@kt/cascader', '@kt/core', '@kt/indexer', '@kt/sequelize-stream'],
  verifier: ['@kt/core', '@kt/indexer'],
  reindexer: ['@kt/core', '@kt/indexer', '@kt/verifier'],
  sync: [
    '@kt/consumer',
    '@kt/core',
    '@kt/delayer',
    '@kt/indexer',
    '@kt/model-index',
    '@kt/producer',
    '@kt/reindexer',
    '@kt/sequelize-stream',
    '@kt/verifier',
  ],
}

describe.each(packages)('@kt/%s from its tarball', (name) => {
  const manifest = manifestOf(name)
  let project: PackedProject

  beforeAll(async () => {
    project = await PackedProject.install([name])
  }, 120_000)

  it('can be imported, and required where Node can only require CommonJS', async () => {
    const show = `console.log(Object.keys(kt).sort().join())`
    const imported = await project.node(
      '--input-type=module',
      '-e',
      `import * as kt from '@kt/${name}'; ${show}`,
    )
    const required = await project.node(
      '--no-experimental-require-module',
      '--input-type=commonjs',
      '-e',
      `const kt = require('@kt/${name}'); ${show}`,
    )
    expect(imported).not.toBe('')
    expect(required).toBe(imported)
  })

  it('has types for ESM and CommonJS', async () => {
    const check = `export const all: object = kt\n`
    await project.write('esm.mts', `import * as kt from '@kt/${name}'\n${check}`)
    await project.write('cjs.cts', `import kt = require('@kt/${name}')\n${check}`)
    expect(await project.typeErrors(['--module', 'nodenext'], 'esm.mts', 'cjs.cts')).toBe('')
  })

  it('installs no driver except its own peer', async () => {
    const installed = await project.read('pnpm-lock.yaml')
    const found = drivers.filter((driver) => installed.includes(`${driver}@`))
    expect(found).toEqual(peersOf(manifest).filter((peer) => drivers.includes(peer)))
  })

  it('depends on core and on no other package of ours, unless it is built on them', () => {
    const ours = Object.keys(manifest.dependencies ?? {}).filter((each) => each.startsWith('@kt/'))
    expect(ours).toEqual(builtOn[name] ?? ['@kt/core'])
  })
})
