import type { Pool } from 'pg'

/** Contents of each table in the form of expected documents, by message id. */
export type Contents = ReadonlyMap<string, ReadonlyMap<string, string>>

/** Builds the expected documents independently, in SQL, so that a mistake in the application can't hide itself. */
const expectedSql: Readonly<Record<string, string>> = {
  countries: `SELECT iso_code AS id, name FROM countries`,
  cities: `
    SELECT c.id, c.name, c.population, k.name AS country
    FROM cities c LEFT JOIN countries k ON k.iso_code = c.country_code`,
  notes: `SELECT id, text, city_id AS "cityId" FROM notes WHERE deleted_at IS NULL`,
  tags: `SELECT id, name FROM tags`,
  city_tags: `SELECT city_id || ',' || tag_id AS id, weight FROM city_tags`,
  readings: `SELECT site_no || ',' || day_no AS id, reading_value AS value FROM readings`,
  events: `SELECT event_id AS id, title FROM events`,
}

export const tables: readonly string[] = Object.keys(expectedSql)

/** Reads every row in the form of its expected document. */
export async function readExpected(database: Pool): Promise<Contents> {
  const contents = new Map<string, ReadonlyMap<string, string>>()
  for (const [table, sql] of Object.entries(expectedSql)) {
    const { rows } = await database.query<{ id: unknown }>(sql)
    contents.set(table, new Map(rows.map(({ id, ...document }) => [String(id), canonical(document)])))
  }
  return contents
}

/** Reads every row in full, except times. */
export async function readRows(database: Pool): Promise<Contents> {
  const contents = new Map<string, ReadonlyMap<string, string>>()
  for (const table of tables) {
    const { rows } = await database.query<object>(`SELECT * FROM ${table}`)
    const texts = rows.map((row) => JSON.stringify(row).replaceAll(/"\d{4}-\d\d-\d\dT[^"]*"/g, '"a time"'))
    contents.set(table, new Map(texts.map((text) => [text, ''])))
  }
  return contents
}

/** Returns text that does not depend on the order of properties. */
export function canonical(document: object): string {
  return JSON.stringify(Object.fromEntries(Object.entries(document).toSorted(byName)))
}

function byName([one]: [string, unknown], [other]: [string, unknown]): number {
  return one < other ? -1 : 1
}

/** Describes entries that are missing or different on either side. */
export function differences(expected: Contents, found: Contents, as: string): string[] {
  return [...expected].flatMap(([table, wanted]) => {
    const there = found.get(table) ?? new Map<string, string>()
    const ids = new Set([...wanted.keys(), ...there.keys()])
    return [...ids].flatMap((id) => {
      const [want, have] = [wanted.get(id), there.get(id)]
      if (want === have) return []
      return [`${as} ${table} ${id}: expected ${want ?? 'nothing'}, found ${have ?? 'nothing'}`]
    })
  })
}
