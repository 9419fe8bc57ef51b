import type { Client } from '@elastic/elasticsearch'

/** Index names are part of the request line, which is limited to 4,096 bytes. A name has up to 255. */
const namesPerRequest = 15

/** Deletes all indexes with the prefix. Deletes them by name, because servers refuse to delete by pattern. */
export async function deleteIndexes(client: Client, prefix: string): Promise<void> {
  const found = await client.indices.get({ index: `${prefix}*`, expand_wildcards: 'all' })
  const names = Object.keys(found)
  for (let from = 0; from < names.length; from += namesPerRequest)
    await client.indices.delete({
      index: names.slice(from, from + namesPerRequest),
      ignore_unavailable: true,
    })
}
