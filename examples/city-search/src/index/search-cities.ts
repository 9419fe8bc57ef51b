import type { estypes } from '@elastic/elasticsearch'
import type { DocumentOf } from '@kt/model-index'
import { cityIndex } from './city-index.ts'
import { search } from './client.ts'
import { fold } from './fold.ts'

type CityDocument = DocumentOf<typeof cityIndex>

export interface CitySearch {
  readonly q: string
  readonly country?: string | undefined
  readonly limit: number
}

export interface CitySearchResult {
  readonly total: number
  /** Time that Elasticsearch took, without the network. */
  readonly tookMs: number
  readonly cities: readonly CityDocument[]
}

/** Finds cities by prefixes of the words in their names, the largest first. */
export async function searchCities({ q, country, limit }: CitySearch): Promise<CitySearchResult> {
  const filter: estypes.QueryDslQueryContainer[] = []
  if (country !== undefined) filter.push({ term: { countryCode: country } })
  if (/[\p{Letter}\p{Number}]/u.test(q))
    filter.push({ match_bool_prefix: { search: { query: fold(q), operator: 'and' } } })
  const { took, hits } = await search.search<CityDocument>({
    index: cityIndex.name,
    size: limit,
    track_total_hits: true,
    query: { bool: { filter } },
    sort: [{ population: 'desc' }, { id: 'asc' }],
  })
  const total = typeof hits.total === 'number' ? hits.total : (hits.total?.value ?? 0)
  return { total, tookMs: took, cities: hits.hits.flatMap(({ _source }) => _source ?? []) }
}
