import type { Client } from '@elastic/elasticsearch'
import { indexSettings } from '@kt/indexer'
import { cityMappings } from './city-mappings.ts'

/** Creates the index unless it is there. Never left to the first write, which would guess the types. */
export async function createCityIndex(client: Client, index: string): Promise<void> {
  if (await client.indices.exists({ index })) return
  await client.indices.create({
    index,
    mappings: { dynamic: 'strict', properties: cityMappings },
    settings: {
      ...indexSettings,
      number_of_replicas: 0,
      // How soon what is indexed shows up in searches; one second by default.
      refresh_interval: '100ms',
    },
  })
}
