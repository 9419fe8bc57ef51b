import type { Client } from '@elastic/elasticsearch'

/** The names stand in the line of the request, which has 4,096 bytes at most, and a name 255. */
const namesPerRequest = 15

/** Deletes all indexes whose names begin with the prefix; by name, for servers refuse to delete by pattern. */
export async function deleteIndexes(client: Client, prefix: string): Promise<void> {
  const found = await client.indices.get({ index: `${prefix}*`, expand_wildcards: 'all' })
  const names = Object.keys(found)
  for (let from = 0; from < names.length; from += namesPerRequest)
    await client.indices.delete({
      index: names.slice(from, from + namesPerRequest),
      ignore_unavailable: true,
    })
}
