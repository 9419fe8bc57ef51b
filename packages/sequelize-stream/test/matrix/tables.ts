/** The matrix's own knowledge of the tables, so that it need not ask the tested code. */
export interface TableFacts {
  readonly keys: readonly string[]
  /** Columns with another row's key, by their attribute's name in messages. */
  readonly foreignKeys: Readonly<Record<string, string>>
  /** The column that marks a row as deleted. */
  readonly deletedAt?: string
  /** The rows that every test starts with. */
  readonly seed: string
}

/** Parents first. */
export const tables: Readonly<Record<string, TableFacts>> = {
  countries: {
    keys: ['iso_code'],
    foreignKeys: {},
    seed: `(iso_code, name) VALUES ('DE', 'Germany'), ('FR', 'France')`,
  },
  cities: {
    keys: ['id'],
    foreignKeys: { countryCode: 'country_code' },
    seed: `(id, name, population, country_code) VALUES (1, 'Berlin', 100, 'DE'), (2, 'Bonn', 10, 'DE'), (3, 'Paris', 100, 'FR'), (4, 'Lyon', 20, 'FR')`,
  },
  mayors: {
    keys: ['mayor_id'],
    foreignKeys: { cityId: 'city_id' },
    seed: `(mayor_id, name, city_id) VALUES (1, 'Kai', 1), (2, 'Anne', 3)`,
  },
  notes: {
    keys: ['id'],
    foreignKeys: { cityId: 'city_id' },
    deletedAt: 'removed_at',
    seed: `(id, text, is_draft, city_id, removed_at) VALUES (1, 'one', false, 1, NULL), (2, 'two', false, 2, '2024-01-01 00:00:00'), (3, 'three', true, 1, NULL)`,
  },
  tags: { keys: ['id'], foreignKeys: {}, seed: `(id, name) VALUES (1, 'capital'), (2, 'river')` },
  city_tags: {
    keys: ['city_id', 'tag_id'],
    foreignKeys: { cityId: 'city_id', tagId: 'tag_id' },
    seed: `(city_id, tag_id, weight) VALUES (1, 1, 5), (1, 2, 6), (3, 1, 7)`,
  },
  readings: {
    keys: ['site_no', 'day_no'],
    foreignKeys: {},
    seed: `(site_no, day_no, reading_value) VALUES ('A,1', 1, 10), ('A,1', 2, 20), ('50%', 1, 30)`,
  },
  events: {
    keys: ['event_id'],
    foreignKeys: {},
    seed: `(event_id, title) VALUES (7, 'seven'), (8, 'eight')`,
  },
  markers: { keys: ['id'], foreignKeys: {}, seed: `(id, note) VALUES (1, 'one')` },
}

export type TableRow = Readonly<Record<string, unknown>>

/** All rows, by table and by their id in messages. */
export type Dump = ReadonlyMap<string, ReadonlyMap<string, TableRow>>

/** Returns the id of a row in messages. */
export function idOf(table: string, row: TableRow): string {
  const { keys = [] } = tables[table] ?? {}
  const parts = keys.map((key) => String(row[key]))
  const escaped = (part: string): string => part.replaceAll('%', '%25').replaceAll(',', '%2C')
  return parts.length === 1 ? (parts[0] ?? '') : parts.map(escaped).join(',')
}
