import { payloadKey, payloadReferences } from '@kt/core'
import type { Payload } from '@kt/core'
import type { Dump, TableRow } from './tables.ts'

/** Documents by `index:id`. They contain data of other tables, so that every association has to be followed. */
export type Documents = Map<string, string>

/** Builds the contents of an index of this database. */
export function documentsOf(dump: Dump): Documents {
  const documents: Documents = new Map()
  const put = (index: string, id: unknown, document: unknown): void =>
    void documents.set(`${index}:${String(id)}`, JSON.stringify(document))
  const cityTags = all(dump, 'city_tags')
  const nameOf = (table: string, id: unknown): unknown => dump.get(table)?.get(String(id))?.['name']
  for (const [id, { name }] of entries(dump, 'countries')) {
    const cities = all(dump, 'cities').filter((city) => city['country_code'] === id)
    put('countries', id, [name, sorted(cities.map((city) => city['name']))])
  }
  for (const [id, city] of entries(dump, 'cities')) {
    const tags = cityTags.filter((each) => each['city_id'] === city['id'])
    const named = tags.map((each) => [nameOf('tags', each['tag_id']), each['weight']].join(' '))
    put('cities', id, [city, nameOf('countries', city['country_code']), sorted(named)])
  }
  for (const [id, tag] of entries(dump, 'tags')) {
    const cities = cityTags.filter((each) => each['tag_id'] === tag['id'])
    put('tags', id, [tag, sorted(cities.map((each) => nameOf('cities', each['city_id'])))])
  }
  for (const table of ['mayors', 'notes'])
    for (const [id, row] of entries(dump, table))
      // Deleted notes and drafts do not belong in the index.
      if ((row['removed_at'] ?? null) === null && !row['is_draft'])
        put(table, id, [row, nameOf('cities', row['city_id'])])
  for (const table of ['readings', 'events', 'markers'])
    for (const [id, row] of entries(dump, table)) put(table, id, row)
  return documents
}

/**
 * Applies a message as an Indexer and a Cascader do: reads again, and then puts or deletes. Only the message contains
 * the parents that a row no longer has.
 */
export function follow(documents: Documents, table: string, payload: Payload, dump: Dump): void {
  const fresh = documentsOf(dump)
  for (const name of told(table, payload, dump)) {
    const document = fresh.get(name)
    if (document === undefined) documents.delete(name)
    else documents.set(name, document)
  }
}

function told(table: string, payload: Payload, dump: Dump): readonly string[] {
  const id = payloadKey(payload)
  const row = dump.get(table)?.get(id)
  const lost = payloadReferences(payload)
  const parents = (index: string, attribute: string, column: string): readonly string[] =>
    [...(lost[attribute] ?? []), row?.[column] ?? []]
      .flat()
      .map((each) => `${index}:${JSON.stringify(each).replaceAll('"', '')}`)
  const children = (index: string, column: string): readonly string[] =>
    entries(dump, index).flatMap(([key, each]) => (String(each[column]) === id ? [`${index}:${key}`] : []))
  const across = (index: string, mine: string, other: string): readonly string[] =>
    all(dump, 'city_tags')
      .filter((each) => String(each[mine]) === id)
      .map((each) => `${index}:${String(each[other])}`)
  if (table === 'countries') return ['countries:' + id, ...children('cities', 'country_code')]
  if (table === 'tags') return ['tags:' + id, ...across('cities', 'tag_id', 'city_id')]
  if (table === 'city_tags')
    return [...parents('cities', 'cityId', 'city_id'), ...parents('tags', 'tagId', 'tag_id')]
  if (table !== 'cities') return [`${table}:${id}`]
  return [
    `cities:${id}`,
    ...parents('countries', 'countryCode', 'country_code'),
    ...children('mayors', 'city_id'),
    ...children('notes', 'city_id'),
    ...across('tags', 'city_id', 'tag_id'),
  ]
}

function entries(dump: Dump, table: string): readonly (readonly [string, TableRow])[] {
  return [...(dump.get(table) ?? [])]
}

function all(dump: Dump, table: string): readonly TableRow[] {
  return [...(dump.get(table)?.values() ?? [])]
}

function sorted(values: readonly unknown[]): readonly string[] {
  return values.map(String).toSorted((one, other) => (one < other ? -1 : 1))
}
