import type { Write } from './write.ts'

/** Invalid writes, which must fail with Sequelize's own errors. */
export const failingWrites: readonly Write[] = [
  {
    name: 'create of a duplicate',
    mustFail: true,
    write: ({ City }, o, base) => City.create({ name: `Ulm ${base}` }, o),
  },
  {
    name: 'bulkCreate of a duplicate',
    mustFail: true,
    write: ({ City }, o, base) => City.bulkCreate([{ name: `Ahlen ${base}` }, { name: `Ulm ${base}` }], o),
  },
  {
    name: 'Model.update to a duplicate',
    mustFail: true,
    write: ({ City }, o, base) => City.update({ name: `Ulm ${base}` }, { where: { id: base + 1 }, ...o }),
  },
  {
    name: 'create with an unknown foreign key',
    mustFail: true,
    write: ({ City }, o, base) => City.create({ name: `Essen ${base}`, countryCode: 'XX' }, o),
  },
  {
    name: 'create of an invalid record',
    mustFail: true,
    write: ({ City }, o) => City.create({ population: 3 }, o),
  },
]
