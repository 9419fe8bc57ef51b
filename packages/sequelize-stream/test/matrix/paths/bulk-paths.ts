import { Op } from 'sequelize'
import type { Path } from './path.ts'

const german = { where: { countryCode: 'DE' } }

const creating: readonly Path[] = [
  {
    name: 'bulkCreate',
    rows: 2,
    write: ({ City }, o) => City.bulkCreate([{ name: 'Ulm' }, { name: 'Trier' }], o),
  },
  {
    name: 'bulkCreate with individualHooks',
    isParallel: true,
    rows: 2,
    write: ({ City }, o) =>
      City.bulkCreate([{ name: 'Ulm' }, { name: 'Trier' }], { individualHooks: true, ...o }),
  },
  {
    name: 'bulkCreate of composite keys',
    rows: 2,
    write: ({ Reading }, o) =>
      Reading.bulkCreate(
        [
          { site: 'B', day: 1 },
          { site: 'B', day: 2 },
        ],
        o,
      ),
  },
  {
    name: 'bulkCreate with included records',
    isParallel: true,
    rows: 3,
    write: ({ Country }, o) =>
      Country.bulkCreate([{ code: 'IT', cities: [{ name: 'Rome' }, { name: 'Bari' }] }], {
        include: ['cities'],
        ...o,
      }),
  },
  {
    name: 'bulkCreate with ignoreDuplicates',
    rows: 1,
    write: ({ City }, o) =>
      City.bulkCreate([{ name: 'Berlin' }, { name: 'Ulm' }], { ignoreDuplicates: true, ...o }),
    // Only PostgreSQL returns which rows were ignored. A surplus message is harmless.
    rewrites: { postgres: [], sqlite: ['cities:1'], mariadb: ['cities:1'] },
  },
  {
    name: 'bulkCreate with updateOnDuplicate',
    rows: 2,
    write: ({ City }, o) =>
      City.bulkCreate([{ name: 'Berlin', countryCode: 'FR' }, { name: 'Ulm' }], {
        updateOnDuplicate: ['countryCode'],
        ...o,
      }),
  },
  {
    name: 'bulkCreate of composite keys with updateOnDuplicate',
    rows: 2,
    write: ({ Reading }, o) =>
      Reading.bulkCreate(
        [
          { site: '50%', day: 1, value: 31 },
          { site: '50%', day: 2, value: 41 },
        ],
        { updateOnDuplicate: ['value'], ...o },
      ),
  },
]

const updating: readonly Path[] = [
  {
    name: 'Model.update',
    rows: 2,
    write: ({ City }, o) => City.update({ population: 1 }, { ...german, ...o }),
  },
  {
    name: 'Model.update to the current values',
    rows: 1,
    rewrites: { postgres: ['cities:1'], sqlite: ['cities:1'], mariadb: ['cities:1'] },
    write: ({ City }, o) => City.update({ population: 100 }, { ...german, ...o }),
  },
  {
    name: 'Model.update that matches no rows',
    rows: 0,
    write: ({ City }, o) => City.update({ population: 1 }, { where: { id: 99 }, ...o }),
  },
  {
    name: 'Model.update of a row by its key',
    rows: 1,
    write: ({ City }, o) => City.update({ population: 1 }, { where: { id: 2 }, ...o }),
  },
  {
    name: 'Model.update without hooks',
    rows: 1,
    write: ({ City }, o) => City.update({ population: 1 }, { where: { name: 'Bonn' }, hooks: false, ...o }),
  },
  {
    name: 'Model.update with individualHooks',
    rows: 2,
    write: ({ City }, o) => City.update({ population: 1 }, { ...german, individualHooks: true, ...o }),
  },
  {
    name: 'Model.update of a foreign key that is also its condition',
    rows: 2,
    write: ({ City }, o) => City.update({ countryCode: 'FR' }, { ...german, ...o }),
  },
  {
    name: 'Model.update by an expression',
    rows: 1,
    write: ({ Reading, sequelize }, o) =>
      Reading.update(
        { value: sequelize.literal('reading_value * 2') },
        { where: { value: { [Op.gt]: 20 } }, ...o },
      ),
  },
  {
    name: 'Model.update with a limit',
    // On PostgreSQL Sequelize ignores it.
    rows: { postgres: 2, sqlite: 1, mariadb: 1 },
    write: ({ City }, o) => City.update({ population: 1 }, { where: { countryCode: 'FR' }, limit: 1, ...o }),
  },
  {
    name: 'Model.update of a primary key',
    rows: 2,
    write: ({ City }, o) => City.update({ id: 77 }, { where: { id: 4 }, ...o }),
    // The country is reported by the row with the new key.
    references: { 'cities:4': {} },
  },
  {
    name: 'Model.update of a part of a composite primary key',
    rows: 4,
    write: ({ Reading }, o) => Reading.update({ site: 'C' }, { where: { site: 'A,1' }, ...o }),
  },
  {
    name: 'Model.update of a primary key that is a foreign key',
    rows: 2,
    write: ({ CityTag }, o) => CityTag.update({ tagId: 2 }, { where: { cityId: 3 }, ...o }),
    // The city is reported by the row with the new key.
    references: { 'city_tags:3,1': { tagId: ['1'] } },
  },
  {
    name: 'Model.update of a primary key by an expression',
    rows: 2,
    write: ({ City, sequelize }, o) =>
      City.update({ id: sequelize.literal('id + 500') as never }, { where: { name: 'Lyon' }, ...o }),
    references: { 'cities:4': {} },
    dialects: ['postgres'],
  },
  {
    name: 'Model.update of paranoid rows, in the default scope',
    rows: 1,
    write: ({ Note }, o) => Note.update({ text: 'new' }, { where: { id: [1, 2, 3] }, ...o }),
  },
  {
    name: 'Model.update of rows including deleted ones',
    rows: 2,
    write: ({ Note }, o) => Note.update({ text: 'new' }, { where: { id: [1, 2] }, paranoid: false, ...o }),
  },
  {
    name: 'scope().update',
    rows: 1,
    write: ({ City }, o) =>
      City.scope('german').update({ population: 1 }, { where: { population: 100 }, ...o }),
  },
  {
    name: 'unscoped().update',
    rows: 2,
    write: ({ Note }, o) => Note.unscoped().update({ text: 'new' }, { where: { id: [1, 2, 3] }, ...o }),
  },
  {
    name: 'Model.increment',
    rows: 2,
    write: ({ City }, o) => City.increment('population', { ...german, ...o }),
  },
  {
    name: 'Model.decrement of composite keys',
    rows: 3,
    write: ({ Reading }, o) => Reading.decrement({ value: 2 }, { where: {}, ...o }),
  },
]

const deleting: readonly Path[] = [
  {
    name: 'Model.destroy',
    rows: 1,
    write: ({ City }, o) => City.destroy({ where: { name: { [Op.like]: 'Lyo%' } }, ...o }),
  },
  {
    name: 'Model.destroy of a row by its key',
    rows: 1,
    write: ({ Event }, o) => Event.destroy({ where: { uid: 8 }, ...o }),
  },
  {
    name: 'Model.destroy with a limit',
    rows: 1,
    isAnyRow: true,
    write: ({ Event }, o) => Event.destroy({ where: { uid: [7, 8] }, limit: 1, ...o }),
  },
  {
    name: 'Model.destroy of composite keys',
    rows: 2,
    write: ({ Reading }, o) => Reading.destroy({ where: { site: 'A,1' }, ...o }),
  },
  {
    name: 'Model.destroy with individualHooks',
    rows: 2,
    write: ({ CityTag }, o) => CityTag.destroy({ where: { cityId: 1 }, individualHooks: true, ...o }),
  },
  {
    name: 'Model.destroy of paranoid rows',
    rows: 1,
    write: ({ Note }, o) => Note.destroy({ where: {}, ...o }),
  },
  {
    name: 'Model.destroy of paranoid rows, with force',
    rows: 2,
    write: ({ Note }, o) => Note.destroy({ where: {}, force: true, ...o }),
  },
  {
    name: 'Model.restore',
    rows: 1,
    write: ({ Note }, o) => Note.restore({ where: { id: 2 }, ...o }),
  },
  {
    name: 'Model.restore with individualHooks',
    rows: 1,
    write: ({ Note }, o) => Note.restore({ where: { cityId: 2 }, individualHooks: true, ...o }),
  },
  {
    name: 'truncate',
    rows: 3,
    write: ({ CityTag }, o) => CityTag.truncate(o),
    isTruncate: true,
  },
  {
    name: 'Model.destroy by TRUNCATE',
    rows: 3,
    write: ({ Reading }, o) => Reading.destroy({ truncate: true, ...o }),
    isTruncate: true,
  },
]

export const bulkPaths: readonly Path[] = [...creating, ...updating, ...deleting]
