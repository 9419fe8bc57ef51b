import type { Client, estypes } from '@elastic/elasticsearch'
import { defineIndex, indexSettings } from '@kt/indexer'
import type { IndexDefinition } from '@kt/indexer'
import { modelIndex } from '@kt/model-index'
import type { ModelIndex } from '@kt/model-index'
import { modelSource } from '@kt/sequelize-stream'
import { col, fn } from 'sequelize'
import { City } from './city.ts'
import { Country } from './country.ts'

/** A country with the number of its cities, so that changes of other records can make its document stale. */
interface CountedCountry {
  readonly id: number
  readonly name: string
  readonly cities: number
}

interface CityDocument {
  readonly id: number
  readonly name: string
  readonly population: number
  readonly country: string
}

export function cityIndex(name: string): ModelIndex<City, CityDocument> {
  return modelIndex(City, {
    name,
    include: ['country'],
    document: ({ id, name, population, country }) => ({ id, name, population, country: country?.name ?? '' }),
  })
}

export function countryIndex(name: string): IndexDefinition<CountedCountry> {
  const countries = modelSource(Country)
  return defineIndex({
    name,
    load: async (ids) => {
      const found = await countries.load(ids)
      const counts = await countCities(found.map(({ id }) => id))
      return found.map(({ id, name }) => ({ id, name, cities: counts.get(id) ?? 0 }))
    },
    document: ({ id, name, cities }) => ({ id, name, cities }),
  })
}

async function countCities(countryIds: readonly number[]): Promise<Map<number, number>> {
  const rows = (await City.findAll({
    attributes: ['countryId', [fn('count', col('id')), 'cities']],
    where: { countryId: [...countryIds] },
    group: ['countryId'],
    raw: true,
  })) as unknown as readonly { countryId: number; cities: string }[]
  return new Map(rows.map(({ countryId, cities }) => [countryId, Number(cities)]))
}

const cityProperties: Record<string, estypes.MappingProperty> = {
  id: { type: 'integer' },
  name: { type: 'keyword' },
  population: { type: 'integer' },
  country: { type: 'keyword' },
}

const countryProperties: Record<string, estypes.MappingProperty> = {
  id: { type: 'integer' },
  name: { type: 'keyword' },
  cities: { type: 'integer' },
}

/** Creates both indexes. They are refreshed only for comparisons. */
export async function createIndexes(
  client: Client,
  names: { readonly cities: string; readonly countries: string },
): Promise<void> {
  const settings = { ...indexSettings, number_of_replicas: 0, refresh_interval: '-1' } as const
  const create = async (
    index: string,
    properties: Record<string, estypes.MappingProperty>,
  ): Promise<void> => {
    await client.indices.create({ index, settings, mappings: { dynamic: 'strict', properties } })
  }
  await Promise.all([create(names.cities, cityProperties), create(names.countries, countryProperties)])
}
