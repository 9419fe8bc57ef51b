import type { estypes } from '@elastic/elasticsearch'
import type { CityDocument } from './city-document.ts'

export const cityMappings: Record<keyof CityDocument, estypes.MappingProperty> = {
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
