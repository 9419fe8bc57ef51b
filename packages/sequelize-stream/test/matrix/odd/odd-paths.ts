import { Op } from 'sequelize'
import type { Model, ModelStatic } from 'sequelize'
import type { OddTable, Values } from './odd-table.ts'

/** The target of a path: a model with the rows `one` and `two`, and the options of all calls. */
interface OddStage {
  readonly model: ModelStatic<Model>
  readonly table: OddTable
  readonly options: object
}

export interface OddPath {
  readonly name: string
  readonly write: (stage: OddStage) => Promise<unknown>
  /**
   * Without a change, its result may come from an earlier statement of the connection, such as SQLite's last key, or it
   * may report a row that does not exist.
   */
  readonly isOpen?: boolean
}

/** Returns a row that does not exist yet. */
function fresh({ table }: OddStage, index: 0 | 1): Values {
  return { ...table.keys[2 + index], label: index === 0 ? 'three' : 'four', amount: 3 + index }
}

/** Returns the row `one` for another write. */
function known({ table }: OddStage): Values {
  return { ...table.keys[0], label: 'one', amount: 7 }
}

async function find({ model, options }: OddStage, label: string): Promise<Model> {
  const found = await model.findOne({ where: { label }, raw: false, ...options })
  if (found === null) throw new Error(`There is no row ${label}`)
  return found
}

/** Returns the row `one` with its key in lower case. */
function inSmallLetters(stage: OddStage): Model {
  const key = Object.entries(stage.table.keys[0] ?? {}).map(([attribute, value]) => [
    attribute,
    typeof value === 'string' ? value.toLowerCase() : value,
  ])
  const values = { ...known(stage), ...(Object.fromEntries(key) as Values) }
  return stage.model.build(values, { isNewRecord: false, raw: true })
}

const labelled = (...labels: string[]) => ({ label: { [Op.in]: labels } })

/** Every kind of write that makes sense for any table. */
export const oddPaths: readonly OddPath[] = [
  { name: 'create', write: (stage) => stage.model.create(fresh(stage, 0), stage.options) },
  {
    name: 'create, duplicates ignored',
    isOpen: true,
    write: (stage) => stage.model.create(known(stage), { ...stage.options, ignoreDuplicates: true }),
  },
  {
    name: 'create that returns nothing',
    write: (stage) => stage.model.create(fresh(stage, 0), { ...stage.options, returning: false }),
  },
  {
    name: 'save',
    write: async (stage) => {
      const row = await find(stage, 'one')
      row.set('amount', 5)
      return row.save(stage.options)
    },
  },
  {
    name: 'save without changes',
    write: async (stage) => (await find(stage, 'one')).save(stage.options),
  },
  { name: 'update', write: async (stage) => (await find(stage, 'two')).update({ amount: 9 }, stage.options) },
  { name: 'destroy', write: async (stage) => (await find(stage, 'one')).destroy(stage.options) },
  {
    name: 'restore',
    write: async (stage) => {
      const row = await find(stage, 'one')
      await row.destroy(stage.options)
      return stage.model.options.paranoid === true ? row.restore(stage.options) : undefined
    },
  },
  {
    name: 'increment',
    write: async (stage) => (await find(stage, 'one')).increment('amount', { by: 2, ...stage.options }),
  },
  {
    name: 'update of a record in lower case',
    isOpen: true,
    write: async (stage) => inSmallLetters(stage).update({ amount: 9 }, stage.options),
  },
  {
    name: 'increment of a record in lower case',
    isOpen: true,
    write: async (stage) => inSmallLetters(stage).increment('amount', { by: 2, ...stage.options }),
  },
  {
    name: 'decrement of all',
    write: ({ model, options }) => model.decrement('amount', { where: labelled('one', 'two'), ...options }),
  },
  { name: 'upsert of a new row', write: (stage) => stage.model.upsert(fresh(stage, 0), stage.options) },
  { name: 'upsert of a row', write: (stage) => stage.model.upsert(known(stage), stage.options) },
  {
    name: 'findOrCreate',
    write: (stage) =>
      stage.model.findOrCreate({ where: { label: 'three' }, defaults: fresh(stage, 0), ...stage.options }),
  },
  {
    name: 'bulkCreate',
    write: (stage) => stage.model.bulkCreate([fresh(stage, 0), fresh(stage, 1)], stage.options),
  },
  {
    name: 'bulkCreate that updates',
    write: (stage) =>
      stage.model.bulkCreate([known(stage), fresh(stage, 0)], {
        ...stage.options,
        updateOnDuplicate: ['amount'],
      }),
  },
  {
    name: 'bulkCreate, duplicates ignored',
    write: (stage) =>
      stage.model.bulkCreate([known(stage), fresh(stage, 0)], { ...stage.options, ignoreDuplicates: true }),
  },
  {
    name: 'Model.update',
    write: ({ model, options }) => model.update({ amount: 6 }, { where: labelled('one', 'two'), ...options }),
  },
  {
    name: 'Model.update of the key',
    // A trigger may keep the row unchanged. Its intended key is reported all the same.
    isOpen: true,
    write: ({ model, table, options }) =>
      model.update({ ...table.keys[2] }, { where: labelled('one'), ...options }),
  },
  {
    name: 'Model.update with a limit',
    write: ({ model, options }) =>
      model.update({ amount: 6 }, { where: { label: 'one' }, limit: 1, ...options }),
  },
  {
    name: 'Model.destroy',
    write: ({ model, options }) => model.destroy({ where: labelled('one'), ...options }),
  },
  {
    name: 'Model.restore',
    write: async ({ model, options }) => {
      await model.destroy({ where: labelled('two'), ...options })
      return model.options.paranoid === true
        ? model.restore({ where: labelled('two'), ...options })
        : undefined
    },
  },
  { name: 'truncate', write: ({ model, options }) => model.truncate(options) },
]
