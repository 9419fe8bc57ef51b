import type { Client } from '@elastic/elasticsearch'
import type { Client as OpenSearchClient } from '@opensearch-project/opensearch'
import { expectTypeOf, test } from 'vitest'
import { defineIndex, Indexer } from '@kt/indexer'
import type { IndexDefinition, IndexerOptions } from '@kt/indexer'

interface City {
  readonly id: number
  readonly name: string
}

declare const options: Omit<IndexerOptions<City>, 'client'>
declare const elasticsearch: Client
declare const openSearch: OpenSearchClient

test('both clients fit without a cast', () => {
  expectTypeOf(new Indexer({ ...options, client: elasticsearch })).toEqualTypeOf<Indexer<City>>()
  expectTypeOf(new Indexer({ ...options, client: openSearch })).toEqualTypeOf<Indexer<City>>()
})

test("defineIndex infers the record's type from load", () => {
  const definition = defineIndex({
    name: 'cities',
    load: (): Promise<City[]> => Promise.resolve([]),
    document: (city) => {
      expectTypeOf(city).toEqualTypeOf<City>()
      return { name: city.name }
    },
  })
  expectTypeOf(definition).toEqualTypeOf<IndexDefinition<City>>()
})
