import { Op } from 'sequelize'
import type { Model, Transaction } from 'sequelize'
import type { Models } from './models.ts'

export interface WritePath {
  readonly name: string
  /** Makes its writes with these options, which contain the transaction if there is one. */
  write(models: Models, options: { transaction?: Transaction }): Promise<unknown>
  /** The changed records, as `table:id`. */
  readonly changes: readonly string[]
  /** The references in the messages. */
  readonly references?: Readonly<Record<string, unknown>>
  /** Locks the table against readers too. */
  readonly isExclusive?: boolean
}

type Mixins = Model & Record<string, (...args: unknown[]) => Promise<unknown>>

async function found<M extends Model>(promise: Promise<M | null>): Promise<M> {
  const record = await promise
  if (record === null) throw new Error('The record is missing')
  return record
}

const de = { 'cities:1': { countryCode: ['DE'] } }

const recordPaths: readonly WritePath[] = [
  {
    name: 'create',
    write: ({ City }, o) => City.create({ name: 'Ulm' }, o),
    changes: ['cities:1001'],
  },
  {
    name: 'create with included records',
    write: ({ Country }, o) =>
      Country.create(
        { code: 'IT', name: 'Italy', cities: [{ name: 'Rome' }] },
        { ...o, include: ['cities'] },
      ),
    changes: ['cities:1001', 'countries:IT'],
  },
  {
    name: 'save',
    write: async ({ City }, o) => {
      const city = await found(City.findByPk(1, o))
      city.name = 'Cölln'
      await city.save(o)
    },
    changes: ['cities:1'],
  },
  {
    name: 'update of a foreign key',
    write: async ({ City }, o) => (await found(City.findByPk(1, o))).update({ countryCode: 'FR' }, o),
    changes: ['cities:1'],
    references: de,
  },
  {
    name: 'save with nothing changed',
    write: async ({ City }, o) => (await found(City.findByPk(1, o))).save(o),
    changes: [],
  },
  {
    name: 'destroy',
    write: async ({ City }, o) => (await found(City.findByPk(2, o))).destroy(o),
    changes: ['cities:2'],
    references: { 'cities:2': { countryCode: ['DE'] } },
  },
  {
    name: 'destroy of a paranoid record',
    write: async ({ Note }, o) => (await found(Note.findByPk(1, o))).destroy(o),
    changes: ['notes:1'],
    references: { 'notes:1': { cityId: [1] } },
  },
  {
    name: 'restore',
    write: async ({ Note }, o) => (await found(Note.findByPk(2, { ...o, paranoid: false }))).restore(o),
    changes: ['notes:2'],
    references: { 'notes:2': { cityId: [2] } },
  },
  {
    name: 'increment and decrement',
    write: async ({ City }, o) => {
      const city = await found(City.findByPk(1, o))
      await city.increment('population', { by: 5, ...o })
      await city.decrement('population', { by: 2, ...o })
    },
    changes: ['cities:1'],
  },
  {
    name: 'upsert of a new record',
    write: ({ City }, o) => City.upsert({ name: 'Ulm' }, o),
    changes: ['cities:1001'],
  },
  {
    name: 'upsert of an existing record',
    write: ({ City }, o) =>
      City.upsert({ name: 'Berlin', countryCode: 'FR' }, { ...o, conflictFields: ['name'] }),
    changes: ['cities:1'],
    references: de,
  },
  {
    name: 'findOrCreate that creates',
    write: ({ City }, o) => City.findOrCreate({ where: { name: 'Ulm' }, ...o }),
    changes: ['cities:1001'],
  },
  {
    name: 'findOrCreate that finds',
    write: ({ City }, o) => City.findOrCreate({ where: { name: 'Bonn' }, ...o }),
    changes: [],
  },
  {
    name: 'findCreateFind that creates',
    write: ({ City }, o) => City.findCreateFind({ where: { name: 'Ulm' }, ...o }),
    changes: ['cities:1001'],
  },
  {
    name: 'a BIGINT key in another column',
    write: async ({ Event }, o) => (await found(Event.findOne(o))).update({ title: 'new' }, o),
    changes: ['events:9007199254740993'],
  },
]

const bulkPaths: readonly WritePath[] = [
  {
    name: 'bulkCreate',
    write: ({ City }, o) => City.bulkCreate([{ name: 'Ulm' }, { name: 'Trier' }], o),
    changes: ['cities:1001', 'cities:1002'],
  },
  {
    name: 'bulkCreate without returning',
    write: ({ City }, o) => City.bulkCreate([{ name: 'Ulm' }], { ...o, returning: false }),
    changes: ['cities:1001'],
  },
  {
    name: 'bulkCreate with individualHooks',
    write: ({ City }, o) => City.bulkCreate([{ name: 'Ulm' }], { ...o, individualHooks: true }),
    changes: ['cities:1001'],
  },
  {
    name: 'bulkCreate with updateOnDuplicate',
    write: ({ City }, o) =>
      City.bulkCreate([{ name: 'Berlin', countryCode: 'FR' }, { name: 'Ulm' }], {
        ...o,
        updateOnDuplicate: ['countryCode'],
      }),
    // The conflicting row has used up a value of the sequence.
    changes: ['cities:1', 'cities:1002'],
    references: de,
  },
  {
    name: 'bulkCreate with ignoreDuplicates',
    write: ({ City }, o) =>
      City.bulkCreate([{ name: 'Berlin' }, { name: 'Ulm' }], { ...o, ignoreDuplicates: true }),
    changes: ['cities:1002'],
  },
  {
    name: 'bulkCreate with included records',
    write: ({ Country }, o) =>
      Country.bulkCreate([{ code: 'IT', cities: [{ name: 'Rome' }] }], { ...o, include: ['cities'] }),
    changes: ['cities:1001', 'countries:IT'],
  },
  {
    name: 'Model.update',
    write: ({ City }, o) => City.update({ population: 1 }, { where: { countryCode: 'DE' }, ...o }),
    changes: ['cities:1', 'cities:2'],
  },
  {
    name: 'Model.update without hooks',
    write: ({ City }, o) => City.update({ population: 1 }, { where: { id: 2 }, hooks: false, ...o }),
    changes: ['cities:2'],
  },
  {
    name: 'Model.update and destroy of a record by its key',
    write: async ({ Event, Tag }, o) => {
      const [event] = await Event.findAll(o)
      await Event.update({ title: 'x' }, { where: { uid: event?.get('uid') as string }, ...o })
      await Tag.destroy({ where: { id: 2 }, ...o })
      await Tag.destroy({ where: { id: 99 }, ...o })
    },
    changes: ['events:9007199254740993', 'tags:2'],
  },
  {
    name: 'Model.update of a paranoid record by its key',
    write: async ({ Note }, o) => {
      await Note.update({ text: 'x' }, { where: { id: 1 }, ...o })
      // The record is deleted.
      await Note.update({ text: 'x' }, { where: { id: 2 }, ...o })
    },
    changes: ['notes:1'],
  },
  {
    name: 'Model.update that matches no rows',
    write: ({ City }, o) => City.update({ population: 1 }, { where: { id: 99 }, ...o }),
    changes: [],
  },
  {
    name: 'Model.update of its condition and a foreign key',
    write: ({ City }, o) => City.update({ countryCode: 'FR' }, { where: { countryCode: 'DE' }, ...o }),
    changes: ['cities:1', 'cities:2'],
    references: { ...de, 'cities:2': { countryCode: ['DE'] } },
  },
  {
    name: 'Model.update with individualHooks',
    write: ({ City }, o) =>
      City.update({ population: 1 }, { where: { countryCode: 'DE' }, individualHooks: true, ...o }),
    changes: ['cities:1', 'cities:2'],
  },
  {
    name: 'Model.update of a primary key',
    write: ({ City }, o) => City.update({ id: 77 }, { where: { id: 2 }, ...o }),
    changes: ['cities:2', 'cities:77'],
  },
  {
    name: 'Model.update of a primary key by an expression',
    write: ({ City }, o) => {
      const id = City.sequelize?.literal('id + 500')
      return City.update({ id }, { where: { name: 'Bonn' }, ...o })
    },
    changes: ['cities:2', 'cities:502'],
  },
  {
    name: 'scope().update',
    write: ({ City }, o) =>
      City.scope('german').update({ population: 1 }, { where: { population: 100 }, ...o }),
    changes: ['cities:1'],
  },
  {
    name: 'unscoped().update',
    write: ({ City }, o) => City.unscoped().update({ population: 1 }, { where: { id: [1, 3] }, ...o }),
    changes: ['cities:1', 'cities:3'],
  },
  {
    name: 'Model.increment and decrement',
    write: async ({ City }, o) => {
      await City.increment('population', { where: { countryCode: 'DE' }, ...o })
      await City.decrement('population', { where: { countryCode: 'FR' }, ...o })
    },
    changes: ['cities:1', 'cities:2', 'cities:3'],
  },
  {
    name: 'Model.destroy',
    write: ({ City }, o) => City.destroy({ where: { name: { [Op.like]: 'Bon%' } }, ...o }),
    changes: ['cities:2'],
    references: { 'cities:2': { countryCode: ['DE'] } },
  },
  {
    name: 'Model.destroy with a limit',
    write: ({ City }, o) => City.destroy({ where: { id: 2 }, limit: 1, ...o }),
    changes: ['cities:2'],
    references: { 'cities:2': { countryCode: ['DE'] } },
  },
  {
    name: 'Model.destroy of paranoid records',
    write: ({ Note }, o) => Note.destroy({ where: {}, ...o }),
    changes: ['notes:1'],
    references: { 'notes:1': { cityId: [1] } },
  },
  {
    name: 'Model.destroy with force',
    write: ({ Note }, o) => Note.destroy({ where: {}, force: true, ...o }),
    changes: ['notes:1', 'notes:2'],
    references: { 'notes:1': { cityId: [1] }, 'notes:2': { cityId: [2] } },
  },
  {
    name: 'Model.restore',
    write: ({ Note }, o) => Note.restore({ where: { id: 2 }, ...o }),
    changes: ['notes:2'],
    references: { 'notes:2': { cityId: [2] } },
  },
  {
    name: 'truncate',
    write: ({ CityTag }, o) => CityTag.truncate(o),
    changes: ['city_tags:1,1', 'city_tags:3,1'],
    references: {
      'city_tags:1,1': { cityId: [1], tagId: [1] },
      'city_tags:3,1': { cityId: [3], tagId: [1] },
    },
    isExclusive: true,
  },
]

const associationPaths: readonly WritePath[] = [
  {
    name: 'belongsTo set',
    write: async ({ City, Country }, o) => {
      const city = (await found(City.findByPk(1, o))) as unknown as Mixins
      await city['setCountry']?.(await Country.findByPk('FR', o), o)
    },
    changes: ['cities:1'],
    references: de,
  },
  {
    name: 'belongsTo create',
    write: async ({ City }, o) => {
      const city = (await found(City.findByPk(1, o))) as unknown as Mixins
      await city['createCountry']?.({ code: 'PL', name: 'Poland' }, o)
    },
    changes: ['cities:1', 'countries:PL'],
    references: de,
  },
  {
    name: 'hasOne set',
    write: async ({ City, Mayor }, o) => {
      const city = (await found(City.findByPk(2, o))) as unknown as Mixins
      await city['setMayor']?.(await Mayor.findByPk(1, o), o)
    },
    changes: ['mayors:1'],
    references: { 'mayors:1': { cityId: [1] } },
  },
  {
    name: 'hasMany add, set and remove',
    write: async ({ Country, City }, o) => {
      const germany = (await found(Country.findByPk('DE', o))) as unknown as Mixins
      await germany['addCity']?.(await City.findByPk(3, o), o)
      await germany['removeCity']?.(await City.findByPk(2, o), o)
      await germany['setCities']?.([await City.findByPk(1, o)], o)
    },
    changes: ['cities:2', 'cities:3'],
    references: { 'cities:2': { countryCode: ['DE'] }, 'cities:3': { countryCode: ['FR', 'DE'] } },
  },
  {
    name: 'belongsToMany add and create',
    write: async ({ City, Tag }, o) => {
      const city = (await found(City.findByPk(1, o))) as unknown as Mixins
      await city['addTag']?.(await Tag.findByPk(2, o), o)
      await city['createTag']?.({ name: 'old' }, o)
    },
    changes: ['city_tags:1,1001', 'city_tags:1,2', 'tags:1001'],
  },
  {
    name: 'belongsToMany remove',
    write: async ({ City, Tag }, o) => {
      const city = (await found(City.findByPk(1, o))) as unknown as Mixins
      await city['removeTag']?.(await Tag.findByPk(1, o), o)
    },
    changes: ['city_tags:1,1'],
    references: { 'city_tags:1,1': { cityId: [1], tagId: [1] } },
  },
]

export const writePaths: readonly WritePath[] = [...recordPaths, ...bulkPaths, ...associationPaths]
