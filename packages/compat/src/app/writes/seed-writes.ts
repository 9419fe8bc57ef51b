import type { Write } from './write.ts'

/** Creates the records for the other writes of a round. */
export const seedWrites: readonly Write[] = [
  {
    name: 'seed countries',
    write: ({ Country }, o, base) =>
      Country.bulkCreate(
        [
          { code: `DE${base}`, name: 'Germany' },
          { code: `FR${base}`, name: 'France' },
        ],
        o,
      ),
  },
  {
    name: 'seed cities',
    write: ({ City }, o, base) =>
      City.bulkCreate(
        Array.from({ length: 12 }, (_, index) => ({
          id: base + index,
          name: `City ${base + index}`,
          population: index,
          countryCode: index < 8 ? `DE${base}` : `FR${base}`,
        })),
        o,
      ),
  },
  {
    name: 'seed notes',
    write: ({ Note }, o, base) =>
      Note.bulkCreate(
        Array.from({ length: 6 }, (_, index) => ({ id: base + index, text: 'one', cityId: base + index })),
        o,
      ),
  },
  {
    name: 'seed tags',
    write: ({ Tag }, o, base) =>
      Tag.bulkCreate(
        [0, 1, 2].map((index) => ({ id: base + index, name: `Tag ${index}` })),
        o,
      ),
  },
  {
    name: 'seed readings',
    write: ({ Reading }, o, base) =>
      Reading.bulkCreate(
        [1, 2, 3, 4].map((day) => ({ site: `S${base}`, day, value: day })),
        o,
      ),
  },
]
