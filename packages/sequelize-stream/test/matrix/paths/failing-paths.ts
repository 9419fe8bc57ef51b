import type { Path } from './path.ts'

type FailingPath = Omit<Path, 'rows'>

/** Invalid writes, which must fail as without a stream. */
export const failingPaths: readonly FailingPath[] = [
  { name: 'create of a duplicate', write: ({ City }, o) => City.create({ name: 'Bonn' }, o) },
  {
    name: 'create of a duplicate composite key',
    write: ({ Reading }, o) => Reading.create({ site: '50%', day: 1 }, o),
  },
  {
    name: 'create of an invalid record',
    write: ({ City }, o) => City.create({ name: ['not', 'a', 'string'] as never }, o),
  },
  {
    name: 'create with an unknown foreign key',
    write: ({ City }, o) => City.create({ name: 'Ulm', countryCode: 'XX' }, o),
  },
  {
    name: 'bulkCreate of a duplicate',
    write: ({ City }, o) => City.bulkCreate([{ name: 'Ulm' }, { name: 'Bonn' }], o),
  },
  {
    name: 'Model.update to an unknown foreign key',
    write: ({ City }, o) => City.update({ countryCode: 'XX' }, { where: { id: 1 }, ...o }),
  },
  {
    name: 'Model.update to a duplicate',
    write: ({ City }, o) => City.update({ name: 'Bonn' }, { where: { countryCode: 'FR' }, ...o }),
  },
  {
    name: 'Model.update of a primary key to an existing one',
    write: ({ City }, o) => City.update({ id: 1 }, { where: { name: 'Lyon' }, ...o }),
  },
  {
    name: 'Model.update of an unknown column',
    write: ({ City }, o) => City.update({ population: 1 }, { where: { altitude: 5 }, ...o }),
  },
  {
    name: 'Model.update without a condition',
    write: ({ City }, o) => City.update({ population: 1 }, o as never),
  },
  { name: 'Model.destroy without a condition', write: ({ City }, o) => City.destroy(o) },
  {
    name: 'Model.increment of an unknown column',
    write: ({ City }, o) => City.increment('altitude' as never, { where: { id: 1 }, ...o }),
  },
  {
    name: 'upsert with an unknown foreign key',
    write: ({ City }, o) => City.upsert({ id: 1, name: 'Berlin', countryCode: 'XX' }, o),
  },
  {
    name: 'findOrCreate of a duplicate',
    write: ({ City }, o) => City.findOrCreate({ where: { population: 5 }, defaults: { name: 'Bonn' }, ...o }),
  },
  {
    name: 'a write that a hook forbids',
    write: async ({ City }, o) => {
      City.addHook('beforeBulkUpdate', 'forbid', () => {
        throw new Error('of the hook')
      })
      try {
        return await City.update({ population: 1 }, { where: { id: 1 }, ...o })
      } finally {
        City.removeHook('beforeBulkUpdate', 'forbid')
      }
    },
  },
]
