import { mixin } from './path.ts'
import type { Path } from './path.ts'

const belongsTo: readonly Path[] = [
  {
    name: 'belongsTo set',
    rows: 1,
    write: async ({ City, Country }, o) =>
      mixin(City.findByPk(1, o), 'setCountry', await Country.findByPk('FR', o), o),
  },
  {
    name: 'belongsTo set to null',
    rows: 1,
    write: ({ City }, o) => mixin(City.findByPk(1, o), 'setCountry', null, o),
  },
  {
    name: 'belongsTo create',
    rows: 2,
    write: ({ City }, o) => mixin(City.findByPk(1, o), 'createCountry', { code: 'PL', name: 'Poland' }, o),
  },
]

const hasOne: readonly Path[] = [
  {
    name: 'hasOne set, replacing another',
    rows: 2,
    write: async ({ City, Mayor }, o) =>
      mixin(City.findByPk(1, o), 'setMayor', await Mayor.findByPk(2, o), o),
  },
  {
    name: 'hasOne set to null',
    rows: 1,
    write: ({ City }, o) => mixin(City.findByPk(1, o), 'setMayor', null, o),
  },
  {
    name: 'hasOne create',
    rows: 1,
    write: ({ City }, o) => mixin(City.findByPk(2, o), 'createMayor', { name: 'Eva' }, o),
  },
]

const hasMany: readonly Path[] = [
  {
    name: 'hasMany add',
    rows: 1,
    write: ({ Country }, o) => mixin(Country.findByPk('DE', o), 'addCity', 3, o),
  },
  {
    name: 'hasMany set',
    isParallel: true,
    rows: 2,
    write: ({ Country }, o) => mixin(Country.findByPk('DE', o), 'setCities', [1, 3], o),
  },
  {
    name: 'hasMany remove',
    rows: 2,
    write: ({ Country }, o) => mixin(Country.findByPk('DE', o), 'removeCities', [1, 2], o),
  },
  {
    name: 'hasMany create',
    rows: 1,
    write: ({ Country }, o) => mixin(Country.findByPk('DE', o), 'createCity', { name: 'Ulm' }, o),
  },
]

const belongsToMany: readonly Path[] = [
  {
    name: 'belongsToMany add',
    rows: 1,
    write: ({ City }, o) => mixin(City.findByPk(3, o), 'addTag', 2, { through: { weight: 9 }, ...o }),
  },
  {
    name: 'belongsToMany add of several, some already added',
    isParallel: true,
    rows: 2,
    write: ({ City }, o) => mixin(City.findByPk(3, o), 'addTags', [1, 2], { through: { weight: 9 }, ...o }),
  },
  {
    name: 'belongsToMany add from the other side',
    rows: 2,
    write: ({ Tag }, o) => mixin(Tag.findByPk(2, o), 'addCities', [2, 3], o),
  },
  {
    name: 'belongsToMany set',
    isParallel: true,
    rows: 2,
    write: ({ City }, o) => mixin(City.findByPk(3, o), 'setTags', [2], o),
  },
  {
    name: 'belongsToMany set from the other side',
    isParallel: true,
    rows: 3,
    write: ({ Tag }, o) => mixin(Tag.findByPk(1, o), 'setCities', [2], o),
  },
  {
    name: 'belongsToMany remove',
    rows: 2,
    write: ({ City }, o) => mixin(City.findByPk(1, o), 'removeTags', [1, 2], o),
  },
  {
    name: 'belongsToMany create',
    rows: 2,
    write: ({ City }, o) => mixin(City.findByPk(1, o), 'createTag', { name: 'old' }, o),
  },
]

export const associationPaths: readonly Path[] = [...belongsTo, ...hasOne, ...hasMany, ...belongsToMany]
