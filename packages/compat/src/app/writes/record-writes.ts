import { found } from './write.ts'
import type { Write } from './write.ts'

const cities: readonly Write[] = [
  {
    name: 'create',
    write: ({ City }, o, base) => City.create({ name: `Ulm ${base}`, countryCode: `DE${base}` }, o),
  },
  {
    name: 'build and save',
    write: ({ City }, o, base) => City.build({ name: `Trier ${base}`, population: 7 }).save(o),
  },
  {
    name: 'save',
    write: async ({ City }, o, base) => {
      const city = await found(City.findByPk(base, o))
      return city.set({ population: 100, countryCode: `FR${base}` }).save(o)
    },
  },
  {
    name: 'save without changes',
    write: async ({ City }, o, base) => (await found(City.findByPk(base, o))).save(o),
  },
  {
    name: 'update',
    write: async ({ City }, o, base) =>
      (await found(City.findByPk(base + 1, o))).update({ population: 1 }, o),
  },
  {
    name: 'increment',
    write: async ({ City }, o, base) =>
      (await found(City.findByPk(base + 1, o))).increment('population', { by: 3, ...o }),
  },
  {
    name: 'decrement',
    write: async ({ City }, o, base) => (await found(City.findByPk(base + 1, o))).decrement('population', o),
  },
  {
    name: 'destroy',
    write: async ({ City }, o, base) => (await found(City.findByPk(base + 11, o))).destroy(o),
  },
]

const others: readonly Write[] = [
  { name: 'create with a BIGINT key', write: ({ Event }, o) => Event.create({ title: 'Fair' }, o) },
  {
    name: 'update of a cascading record',
    write: async ({ Country }, o, base) =>
      (await found(Country.findByPk(`DE${base}`, o))).update({ name: 'Deutschland' }, o),
  },
  {
    name: 'destroy of a paranoid record',
    write: async ({ Note }, o, base) => (await found(Note.findByPk(base, o))).destroy(o),
  },
  {
    name: 'restore',
    write: async ({ Note }, o, base) =>
      (await found(Note.findByPk(base, { paranoid: false, ...o }))).restore(o),
  },
  {
    name: 'destroy by force',
    write: async ({ Note }, o, base) =>
      (await found(Note.findByPk(base + 1, o))).destroy({ force: true, ...o }),
  },
  {
    name: 'upsert of a new record',
    write: ({ City }, o, base) => City.upsert({ id: base + 20, name: `Bonn ${base}` }, o),
  },
  {
    name: 'upsert of a known record',
    write: ({ City }, o, base) => City.upsert({ id: base + 2, name: `Köln ${base}`, population: 5 }, o),
  },
  {
    name: 'findOrCreate of a new record',
    write: ({ City }, o, base) => City.findOrCreate({ where: { name: `Jena ${base}` }, ...o }),
  },
  {
    name: 'findOrCreate of a known record',
    write: ({ City }, o, base) => City.findOrCreate({ where: { name: `Jena ${base}` }, ...o }),
  },
  {
    name: 'create with a composite key',
    write: ({ Reading }, o, base) => Reading.create({ site: `S${base}`, day: 9, value: 9 }, o),
  },
  {
    name: 'update with a composite key',
    write: async ({ Reading }, o, base) =>
      (await found(Reading.findOne({ where: { site: `S${base}`, day: 1 }, ...o }))).update({ value: 11 }, o),
  },
  {
    name: 'destroy with a composite key',
    write: async ({ Reading }, o, base) =>
      (await found(Reading.findOne({ where: { site: `S${base}`, day: 2 }, ...o }))).destroy(o),
  },
]

export const recordWrites: readonly Write[] = [...cities, ...others]
