import { beforeAll, describe, expect, it } from 'vitest'
import { packages } from './support/packages.ts'
import { PackedProject } from './support/packed-project.ts'

/** One project has all packages, and uses their ES modules and their CommonJS build together. */

let project: PackedProject

beforeAll(async () => {
  project = await PackedProject.install(packages, { jest: '^30.0.0', pg: '^8.16.0' })
}, 120_000)

describe('types', () => {
  const module = `
    import { KtError } from '@kt/core'
    import { isRefused } from '@kt/core/internal'
    import { Cascader } from '@kt/cascader'
    import { Consumer } from '@kt/consumer'
    import { Delayer } from '@kt/delayer'
    import { Indexer } from '@kt/indexer'
    import { Producer } from '@kt/producer'
    import { updateStream } from '@kt/sequelize-stream'
    import { Kafka } from 'kafkajs'

    export const all = [Cascader, Delayer, Indexer, updateStream]
    export const consumer: Consumer = new Consumer({ kafka: new Kafka({ brokers: [] }) })
    export const codeOf = (error: unknown) => (KtError.isInstance(error) && isRefused(error) ? error.code : undefined)
    // @ts-expect-error the types exist, so a wrong option is found
    new Producer({ kafka: 1 })
  `

  it.each([
    ['commonjs and node10', ['commonjs', 'node10', '--ignoreDeprecations', '6.0'], ['old.ts']],
    ['node16', ['node16', 'node16'], ['esm.mts', 'cjs.cts']],
    ['a bundler', ['esnext', 'bundler'], ['bundled.ts']],
  ])('are found by TypeScript with %s', async (_, [moduleKind = '', resolution = '', ...flags], files) => {
    for (const file of files) await project.write(file, module)
    const options = ['--module', moduleKind, '--moduleResolution', resolution, ...flags]
    expect(await project.typeErrors(options, ...files)).toBe('')
  })
})

it('can be required in Jest, which loads no ES modules', async () => {
  await project.write(
    'required.test.js',
    `
    test.each(${JSON.stringify(packages)})('@kt/%s', (name) => {
      expect(Object.keys(require('@kt/' + name))).not.toEqual([])
    })
    test('a class can be disposed in the realm of the tests too', () => {
      expect(require('@kt/producer').Producer.prototype[Symbol.asyncDispose]).toBeInstanceOf(Function)
    })
    test('an error is a KtError', () => {
      const { Delayer } = require('@kt/delayer')
      expect(() => new Delayer({})).toThrow(require('@kt/core').KtError)
    })
    `,
  )
  await expect(project.node('node_modules/jest/bin/jest.js')).resolves.toBeDefined()
})

describe('objects of one build in the other', () => {
  /** Returns the output of a module that has each package twice: `esm.core` and `cjs.core`, and so on. */
  async function output(code: string): Promise<unknown> {
    const names = JSON.stringify(packages)
    const load = `
      import { createRequire } from 'node:module'
      const require = createRequire(import.meta.url)
      const esm = {}, cjs = {}
      for (const name of ${names}) {
        esm[name] = await import('@kt/' + name)
        cjs[name] = require('@kt/' + name)
      }
      esm.internal = await import('@kt/core/internal')
      cjs.internal = require('@kt/core/internal')
    `
    await project.write('both.mjs', load + code)
    return JSON.parse(await project.node('both.mjs'))
  }

  it('belong to two classes, so that these tests are meaningful', async () => {
    expect(
      await output(`console.log(JSON.stringify([
        esm.core.KtError === cjs.core.KtError,
        esm['sequelize-stream'].UpdateStreamer === cjs['sequelize-stream'].UpdateStreamer,
      ]))`),
    ).toEqual([false, false])
  })

  it('recognizes an error by its marker, whichever build threw it', async () => {
    expect(
      await output(`
        const seen = []
        for (const [one, other] of [[esm, cjs], [cjs, esm]]) {
          try {
            new one.delayer.Delayer({})
          } catch (error) {
            const { KtError, errorFields } = other.core
            const { isRefused } = other.internal
            seen.push(KtError.isInstance(error, 'KT_OPTION_INVALID'), isRefused(error), errorFields(error).code)
          }
        }
        console.log(JSON.stringify(seen))`),
    ).toEqual([true, true, 'KT_OPTION_INVALID', true, true, 'KT_OPTION_INVALID'])
  })

  it('cascades a model that the other build streams', async () => {
    expect(
      await output(`
        import { DataTypes, Sequelize } from 'sequelize'
        const sequelize = new Sequelize('postgres://localhost/cities')
        const sent = []
        const produce = (value, { topic }) => void sent.push([topic, value])
        const producer = {
          produce: async (value, options) => produce(value, options),
          batch: async (fill) => fill({ produce }),
        }
        for (const [topic, one, other] of [['by-esm', esm, cjs], ['by-cjs', cjs, esm]]) {
          const City = sequelize.define(topic, { name: DataTypes.STRING })
          // The streamer may come from another build than the function that installs it.
          const updateStreamer = new other['sequelize-stream'].UpdateStreamer({ producer })
          one['sequelize-stream'].updateStream(City, { updateStreamer, topic })
          const cascader = new other.cascader.Cascader({ name: 'cascader', producer })
          await cascader.import([City.build({ id: 1 })])
        }
        console.log(JSON.stringify(sent))`),
    ).toEqual([
      ['by-esm', '{"id":1}'],
      ['by-cjs', '{"id":1}'],
    ])
  })
})
