import type { Client } from '@elastic/elasticsearch'

/** Deletes all indexes whose names begin with the prefix; by name, for servers refuse to delete by pattern. */
export async function deleteIndexes(client: Client, prefix: string): Promise<void> {
  const found = await client.indices.get({ index: `${prefix}*`, expand_wildcards: 'all' })
  const names = Object.keys(found)
  if (names.length > 0) await client.indices.delete({ index: names, ignore_unavailable: true })
}
