import { mixin } from './write.ts'
import type { Write } from './write.ts'

const toOneAndMany: readonly Write[] = [
  {
    name: 'belongsTo set',
    write: async ({ City, Country }, o, base) =>
      mixin(City.findByPk(base + 6, o), 'setCountry', await Country.findByPk(`FR${base}`, o), o),
  },
  {
    name: 'belongsTo create',
    write: ({ City }, o, base) =>
      mixin(City.findByPk(base + 7, o), 'createCountry', { code: `PL${base}`, name: 'Poland' }, o),
  },
  {
    name: 'hasMany add',
    write: ({ City }, o, base) => mixin(City.findByPk(base + 1, o), 'addNote', base + 4, o),
  },
  {
    name: 'hasMany set',
    write: ({ City }, o, base) => mixin(City.findByPk(base + 1, o), 'setNotes', [base + 4, base + 5], o),
  },
  {
    name: 'hasMany remove',
    write: ({ City }, o, base) => mixin(City.findByPk(base + 1, o), 'removeNote', base + 5, o),
  },
  {
    name: 'hasMany create',
    write: ({ City }, o, base) => mixin(City.findByPk(base + 1, o), 'createNote', { text: 'new' }, o),
  },
]

const manyToMany: readonly Write[] = [
  {
    name: 'belongsToMany add',
    write: ({ City }, o, base) =>
      mixin(City.findByPk(base, o), 'addTags', [base, base + 1], { through: { weight: 9 }, ...o }),
  },
  {
    name: 'belongsToMany set',
    write: ({ City }, o, base) => mixin(City.findByPk(base, o), 'setTags', [base + 1, base + 2], o),
  },
  {
    name: 'belongsToMany remove',
    write: ({ Tag }, o, base) => mixin(Tag.findByPk(base + 2, o), 'removeCity', base, o),
  },
  {
    name: 'belongsToMany create',
    write: ({ City }, o, base) => mixin(City.findByPk(base, o), 'createTag', { name: 'old' }, o),
  },
]

export const associationWrites: readonly Write[] = [...toOneAndMany, ...manyToMany]
