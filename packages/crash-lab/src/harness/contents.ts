import type { Client as Elasticsearch } from '@elastic/elasticsearch'
import type { Pool as Database } from 'pg'
import type { WorldSettings } from './settings.ts'

/** All contents for each kind of record, by id. */
export type Contents = Readonly<Record<'cities' | 'countries', ReadonlyMap<string, object>>>

/** Builds the expected documents independently, in SQL, so that a mistake in the models can't hide itself. */
const expectedSql = {
  cities: `
    SELECT c.id, c.name, c.population, k.name AS country
    FROM cities c JOIN countries k ON k.id = c.country_id`,
  countries: `
    SELECT k.id, k.name, count(c.id)::int AS cities
    FROM countries k LEFT JOIN cities c ON c.country_id = k.id
    GROUP BY k.id`,
}

/** Returns every row in the form of its expected document. */
export async function readRows(database: Database): Promise<Contents> {
  const read = async (sql: string): Promise<ReadonlyMap<string, object>> => {
    const { rows } = await database.query<{ id: number }>(sql)
    return new Map(rows.map((row) => [String(row.id), row]))
  }
  return { cities: await read(expectedSql.cities), countries: await read(expectedSql.countries) }
}

/** Returns every document. */
export async function readDocuments(
  client: Elasticsearch,
  { cities, countries }: WorldSettings['indexes'],
): Promise<Contents> {
  await client.indices.refresh({ index: [cities, countries] })
  return { cities: await readIndex(client, cities), countries: await readIndex(client, countries) }
}

/** The maximum that one search may return. */
const pageSize = 10_000

async function readIndex(client: Elasticsearch, index: string): Promise<ReadonlyMap<string, object>> {
  const documents = new Map<string, object>()
  for (let after: number | undefined; ;) {
    const { hits } = await client.search<{ id: number }>({
      index,
      size: pageSize,
      sort: [{ id: 'asc' }],
      ...(after !== undefined && { search_after: [after] }),
    })
    for (const { _id, _source } of hits.hits)
      if (_id !== undefined && _source !== undefined) documents.set(_id, _source)
    after = hits.hits.at(-1)?._source?.id
    if (hits.hits.length < pageSize) return documents
  }
}
