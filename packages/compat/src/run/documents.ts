import type { Client } from '@elastic/elasticsearch'
import { canonical, tables } from './rows.ts'
import type { Contents } from './rows.ts'

/** Reads every document. */
export async function readDocuments(client: Client, indexPrefix: string): Promise<Contents> {
  const contents = new Map<string, ReadonlyMap<string, string>>()
  for (const table of tables) {
    const index = `${indexPrefix}-${table}`
    await client.indices.refresh({ index })
    const { hits } = await client.search<object>({ index, size: 10_000 })
    const documents = hits.hits.map(({ _id = '', _source = {} }) => [_id, canonical(_source)] as const)
    contents.set(table, new Map(documents))
  }
  return contents
}
