import type { Client } from '@elastic/elasticsearch'
import type { CityDocument } from '../index/city-document.ts'

/** Asks the index how far it has followed a change. */
export interface DocumentState {
  /** How many of the documents concerned show the change. */
  done(): Promise<number>
  /** Whether searches find it as well. */
  isSearchable(): Promise<boolean>
}

/** @param updatedAt of the row after the write */
export function updatedCity(client: Client, index: string, id: number, updatedAt: Date): DocumentState {
  const shows = { range: { updatedAt: { gte: updatedAt.getTime() } } }
  return {
    done: async () => {
      // By its id a document is read from the shard's log, as soon as the write was answered.
      const answer = await client.get<CityDocument>({ index, id: String(id) }, { ignore: [404] })
      return (answer._source?.updatedAt ?? 0) >= updatedAt.getTime() ? 1 : 0
    },
    isSearchable: async () => {
      const query = { bool: { filter: [{ ids: { values: [String(id)] } }, shows] } }
      return (await client.count({ index, query })).count > 0
    },
  }
}

export function deletedCity(client: Client, index: string, id: number): DocumentState {
  return {
    done: async () => ((await client.exists({ index, id: String(id) })) ? 0 : 1),
    isSearchable: async () =>
      (await client.count({ index, query: { ids: { values: [String(id)] } } })).count === 0,
  }
}

/** A country has no document of its own: its name stands in those of its cities. */
export function updatedCountry(
  client: Client,
  index: string,
  { code, updatedAt, total }: { code: string; updatedAt: Date; total: number },
): DocumentState {
  // Those that are behind are counted, so that a city that is deleted meanwhile is not waited for.
  const behind = async (): Promise<number> => {
    const isOlder = { range: { countryUpdatedAt: { lt: updatedAt.getTime() } } }
    const query = { bool: { filter: [{ term: { countryCode: code } }, isOlder] } }
    return (await client.count({ index, query })).count
  }
  return { done: async () => total - (await behind()), isSearchable: async () => (await behind()) === 0 }
}
