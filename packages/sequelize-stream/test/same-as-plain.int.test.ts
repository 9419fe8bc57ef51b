import { silentLogger } from '@kt/core'
import { Sequelize } from 'sequelize'
import type { Model, ModelStatic, Transaction } from 'sequelize'
import { createTestScope } from 'testkit'
import type { TestScope } from 'testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { updateStream, UpdateStreamer } from '../src/index.ts'
import { defineModels, resetRows } from './support/models.ts'
import type { Models } from './support/models.ts'
import { RecordingProducer } from './support/recording-producer.ts'
import { writePaths } from './support/write-paths.ts'
import type { WritePath } from './support/write-paths.ts'

const hookNames = [
  'beforeValidate',
  'afterValidate',
  'beforeCreate',
  'afterCreate',
  'beforeUpdate',
  'afterUpdate',
  'beforeDestroy',
  'afterDestroy',
  'beforeRestore',
  'afterRestore',
  'beforeUpsert',
  'afterUpsert',
  'beforeBulkCreate',
  'afterBulkCreate',
  'beforeBulkUpdate',
  'afterBulkUpdate',
  'beforeBulkDestroy',
  'afterBulkDestroy',
  'beforeBulkRestore',
  'afterBulkRestore',
] as const

/** The same models twice on the same tables. One set is streamed. */
interface Side {
  readonly sequelize: Sequelize
  readonly models: Models
  readonly hooks: string[]
}

let scope: TestScope
let plain: Side
let streamed: Side
beforeAll(async () => {
  scope = await createTestScope(import.meta.url)
  plain = side()
  streamed = side()
  await plain.sequelize.sync()
  const updateStreamer = new UpdateStreamer({ producer: new RecordingProducer(), logger: silentLogger })
  for (const model of Object.values(streamed.models) as ModelStatic<Model>[])
    updateStream(model, { updateStreamer })
})
afterAll(async () => {
  await Promise.all([plain.sequelize.close(), streamed.sequelize.close()])
  await scope.close()
})

function side(): Side {
  const sequelize = new Sequelize(scope.databaseUrl, { logging: false })
  const hooks: string[] = []
  const models = defineModels(sequelize)
  for (const [name, model] of Object.entries(models) as [string, ModelStatic<Model>][])
    for (const hook of hookNames)
      model.addHook(hook, (...args: unknown[]) => {
        const options = args.at(-1) as Record<string, unknown>
        hooks.push(`${name}.${hook} ${describeOptions(options)}`)
      })
  return { sequelize, models, hooks }
}

/** Returns the names of a hook's options, and whether it is in a transaction. */
function describeOptions(options: Record<string, unknown>): string {
  const isInTransaction = options['transaction'] !== undefined && options['transaction'] !== null
  const names = Object.keys(options).filter((name) => name !== 'transaction')
  return `${names.toSorted().join(' ')}${isInTransaction ? ' in a transaction' : ''}`
}

/** Returns JSON without times, which differ from run to run. */
function comparable(value: unknown): string {
  return JSON.stringify(value ?? null).replaceAll(/"\d{4}-\d\d-\d\dT[^"]*"/g, '"time"')
}

interface Outcome {
  readonly result: string
  readonly error: string
  readonly hooks: readonly string[]
  readonly options: readonly unknown[]
}

async function outcome(
  { sequelize, models, hooks }: Side,
  path: WritePath,
  inTransaction: boolean,
): Promise<Outcome> {
  await resetRows(sequelize)
  hooks.length = 0
  const options: { transaction?: Transaction } = {}
  let result: unknown
  let error: unknown
  try {
    if (inTransaction)
      await sequelize.transaction(async (transaction) => {
        options.transaction = transaction
        result = await path.write(models, options)
      })
    else result = await path.write(models, options)
  } catch (caught) {
    error = caught
  }
  const { name = '', message = '' } = (error ?? {}) as Partial<Error>
  return {
    result: comparable(result),
    error: `${name} ${message}`,
    hooks: [...hooks],
    options: Object.keys(options),
  }
}

const failing: readonly WritePath[] = [
  { name: 'create of a duplicate', write: ({ City }, o) => City.create({ name: 'Bonn' }, o), changes: [] },
  {
    name: 'create of a duplicate, ignored',
    write: ({ City }, o) => City.create({ name: 'Bonn' }, { ...o, ignoreDuplicates: true }),
    changes: [],
  },
  {
    name: 'update of a record to a duplicate',
    write: ({ City }, o) => City.build({ id: 1 }, { isNewRecord: false }).update({ name: 'Bonn' }, o),
    changes: [],
  },
  {
    name: 'update of a record that is gone',
    write: ({ City }, o) => City.build({ id: 99 }, { isNewRecord: false }).update({ name: 'Ulm' }, o),
    changes: [],
  },
  {
    name: 'update of a record, returning all',
    write: ({ City }, o) =>
      City.build({ id: 1 }, { isNewRecord: false }).update({ name: 'Ulm' }, { ...o, returning: true }),
    changes: [],
  },
  {
    name: 'bulkCreate of a duplicate',
    write: ({ City }, o) => City.bulkCreate([{ name: 'Ulm' }, { name: 'Bonn' }], o),
    changes: [],
  },
  {
    name: 'update to an unknown foreign key',
    write: ({ City }, o) => City.update({ countryCode: 'XX' }, { where: { id: 1 }, ...o }),
    changes: [],
  },
  {
    name: 'update of a value of the wrong type, of no row',
    write: ({ City }, o) =>
      City.update({ population: 'many' as never }, { where: { id: 99 }, validate: false, ...o }),
    changes: [],
  },
  {
    name: 'destroy of a row that is referred to',
    write: ({ Country }, o) => Country.destroy({ where: { code: 'DE' }, force: true, ...o }),
    changes: [],
  },
  { name: 'destroy without a condition', write: ({ City }, o) => City.destroy(o as never), changes: [] },
  { name: 'truncate of a table that is referred to', write: ({ City }, o) => City.truncate(o), changes: [] },
  {
    name: 'findOrCreate of a duplicate',
    write: ({ City }, o) => City.findOrCreate({ where: { population: 5 }, defaults: { name: 'Bonn' }, ...o }),
    changes: [],
  },
  {
    name: 'update with returning',
    write: ({ City }, o) =>
      City.update({ population: 3 }, { where: { countryCode: 'DE' }, returning: true, ...o }),
    changes: [],
  },
  {
    name: 'bulkCreate returning some columns',
    write: ({ City }, o) => City.bulkCreate([{ name: 'Ulm' }], { ...o, returning: ['name'] }),
    changes: [],
  },
  {
    name: 'create without returning',
    write: ({ City }, o) => City.create({ name: 'Ulm' }, { ...o, returning: false }),
    changes: [],
  },
  {
    name: 'upsert without returning',
    write: ({ City }, o) => City.upsert({ name: 'Bonn', population: 4 }, { ...o, returning: false }),
    changes: [],
  },
]

describe.each([...writePaths, ...failing])('$name', (path) => {
  it.each([false, true])(
    'comes to the same as without a stream; in a transaction: %s',
    async (inTransaction) => {
      expect(await outcome(streamed, path, inTransaction)).toEqual(await outcome(plain, path, inTransaction))
    },
  )
})
