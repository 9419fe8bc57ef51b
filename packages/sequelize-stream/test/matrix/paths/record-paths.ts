import { found } from './path.ts'
import type { Path } from './path.ts'

const creating: readonly Path[] = [
  { name: 'create', rows: 1, write: ({ City }, o) => City.create({ name: 'Ulm' }, o) },
  {
    name: 'create with a value that the database computes',
    rows: 1,
    write: ({ City, sequelize }, o) => City.create({ name: sequelize.fn('lower', 'ULM') }, o),
  },
  {
    name: 'create with included records',
    rows: 2,
    write: ({ Country }, o) =>
      Country.create({ code: 'IT', cities: [{ name: 'Rome' }] }, { ...o, include: ['cities'] }),
  },
  {
    name: 'create with a composite key',
    rows: 1,
    write: ({ Reading }, o) => Reading.create({ site: 'A,1', day: 3, value: 1 }, o),
  },
  {
    name: 'build and save',
    rows: 1,
    write: ({ Event }, o) => Event.build({ title: 'new' }).save(o),
  },
  {
    name: 'findOrCreate that creates',
    rows: 1,
    write: ({ City }, o) => City.findOrCreate({ where: { name: 'Ulm' }, ...o }),
  },
  {
    name: 'findOrCreate that finds',
    rows: 0,
    write: ({ City }, o) => City.findOrCreate({ where: { name: 'Bonn' }, ...o }),
  },
  {
    name: 'findCreateFind that creates',
    rows: 1,
    write: ({ City }, o) => City.findCreateFind({ where: { name: 'Ulm' }, ...o }),
  },
]

const saving: readonly Path[] = [
  {
    name: 'save',
    rows: 1,
    write: async ({ City }, o) => {
      const city = await found(City.findByPk(1, o))
      city.name = 'Cölln'
      return city.save(o)
    },
  },
  {
    name: 'save of some fields',
    rows: 1,
    write: async ({ City }, o) => {
      const city = await found(City.findByPk(1, o))
      city.set({ name: 'Cölln', countryCode: 'FR' })
      return city.save({ fields: ['name'], ...o })
    },
  },
  {
    name: 'save with nothing changed',
    rows: 0,
    write: async ({ City }, o) => (await found(City.findByPk(1, o))).save(o),
  },
  {
    name: 'update of a foreign key',
    rows: 1,
    write: async ({ City }, o) => (await found(City.findByPk(1, o))).update({ countryCode: 'FR' }, o),
  },
  {
    name: 'update of a foreign key to NULL, of a record without it',
    rows: 1,
    write: async ({ Note }, o) => {
      const note = await found(Note.findByPk(1, { attributes: ['id', 'text'], ...o }))
      return note.update({ cityId: null }, o)
    },
  },
  {
    name: 'update of a record with a composite key',
    rows: 1,
    write: async ({ Reading }, o) =>
      (await found(Reading.findOne({ where: { site: '50%' }, ...o }))).update({ value: 31 }, o),
  },
  {
    name: 'update of a record with a BIGINT key',
    rows: 1,
    write: async ({ Event }, o) => (await found(Event.findByPk(7, o))).update({ title: 'new' }, o),
  },
  {
    name: 'increment',
    rows: 1,
    write: async ({ City }, o) => (await found(City.findByPk(1, o))).increment('population', { by: 5, ...o }),
  },
  {
    name: 'decrement',
    rows: 1,
    write: async ({ Reading }, o) =>
      (await found(Reading.findOne({ where: { day: 2 }, ...o }))).decrement('value', { by: 5, ...o }),
  },
]

const deleting: readonly Path[] = [
  {
    name: 'destroy',
    rows: 1,
    write: async ({ City }, o) => (await found(City.findByPk(4, o))).destroy(o),
  },
  {
    name: 'destroy of a record with a composite key',
    rows: 1,
    write: async ({ CityTag }, o) =>
      (await found(CityTag.findOne({ where: { cityId: 1, tagId: 2 }, ...o }))).destroy(o),
  },
  {
    name: 'destroy of a paranoid record',
    rows: 1,
    write: async ({ Note }, o) => (await found(Note.findByPk(1, o))).destroy(o),
  },
  {
    name: 'destroy of a paranoid record, with force',
    rows: 1,
    write: async ({ Note }, o) => (await found(Note.findByPk(1, o))).destroy({ force: true, ...o }),
  },
  {
    name: 'restore',
    rows: 1,
    write: async ({ Note }, o) => (await found(Note.findByPk(2, { paranoid: false, ...o }))).restore(o),
  },
]

const upserting: readonly Path[] = [
  { name: 'upsert of a new record', rows: 1, write: ({ City }, o) => City.upsert({ name: 'Ulm' }, o) },
  {
    name: 'upsert of an existing record, by its primary key',
    rows: 1,
    write: ({ City }, o) => City.upsert({ id: 1, name: 'Cölln', countryCode: 'FR' }, o),
  },
  {
    name: 'upsert of an existing record, by another unique key',
    rows: 1,
    write: async ({ City }, o) => {
      const values = { name: 'Berlin', countryCode: 'FR' }
      const [city, isNew] = await City.upsert(values, { conflictFields: ['name'], ...o })
      // On SQLite it has the last key that the connection has generated.
      return [city.name, city.countryCode, isNew]
    },
    dialects: ['postgres', 'sqlite'],
  },
  {
    name: 'upsert of an existing record, by any unique key',
    rows: 1,
    write: ({ City }, o) => City.upsert({ name: 'Berlin', countryCode: 'FR' }, o),
    dialects: ['mariadb'],
  },
  {
    name: 'upsert of a record with a composite key',
    rows: 1,
    write: ({ Reading }, o) => Reading.upsert({ site: 'A,1', day: 2, value: 22 }, o),
  },
]

export const recordPaths: readonly Path[] = [...creating, ...saving, ...deleting, ...upserting]
