import type { Client } from '@elastic/elasticsearch'
import { indexSettings } from '@kt/indexer'
import { cityMappings } from './city-mappings.ts'

/** Creates the index unless it exists. Otherwise the first write would create it with guessed types. */
export async function createCityIndex(client: Client, index: string): Promise<void> {
  if (await client.indices.exists({ index })) return
  await client.indices.create({
    index,
    mappings: { dynamic: 'strict', properties: cityMappings },
    settings: {
      ...indexSettings,
      number_of_replicas: 0,
      // How soon searches show indexed documents. The default is one second.
      refresh_interval: '100ms',
    },
  })
}
