import type { estypes } from '@elastic/elasticsearch'
import { modelIndex } from '@kt/model-index'
import { City } from '../models/city.ts'
import { settings } from '../settings.ts'
import { toCityDocument } from './city-document.ts'
import type { CityDocument } from './city-document.ts'

const properties: Record<keyof CityDocument, estypes.MappingProperty> = {
  id: { type: 'integer' },
  name: { type: 'keyword' },
  // Search-as-you-type looks for word prefixes. Indexed prefixes cost one term each instead of a scan.
  search: { type: 'text', index_prefixes: { min_chars: 1, max_chars: 8 } },
  countryCode: { type: 'keyword' },
  countryName: { type: 'keyword' },
  population: { type: 'integer' },
  location: { type: 'geo_point' },
  updatedAt: { type: 'date' },
  countryUpdatedAt: { type: 'date' },
}

/** What the index contains: the cities, with their countries. Its name is an alias. */
export const cityIndex = modelIndex(City, {
  name: settings.index,
  include: ['country'],
  mappings: { dynamic: 'strict', properties },
  settings: {
    number_of_replicas: 0,
    // How soon searches show indexed documents. The default is one second.
    refresh_interval: '100ms',
  },
  document: toCityDocument,
})
