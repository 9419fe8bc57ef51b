import type { Client } from '@elastic/elasticsearch'
import type { CityDocument } from '../index/city-document.ts'

/** Asks the index how much of a change it shows. */
export interface DocumentState {
  /** Returns the number of affected documents that show the change. */
  done(): Promise<number>
  /** Returns whether searches find the change as well. */
  isSearchable(): Promise<boolean>
}

/** @param updatedAt the row's value after the write */
export function updatedCity(client: Client, index: string, id: number, updatedAt: Date): DocumentState {
  const shows = { range: { updatedAt: { gte: updatedAt.getTime() } } }
  return {
    done: async () => {
      // A read by id uses the shard's log and sees a write as soon as it was answered.
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

/** A country has no document of its own. Its cities' documents contain its name. */
export function updatedCountry(
  client: Client,
  index: string,
  { code, updatedAt, total }: { code: string; updatedAt: Date; total: number },
): DocumentState {
  // Counts outdated documents, so that it does not wait for a city that is deleted meanwhile.
  const behind = async (): Promise<number> => {
    const isOlder = { range: { countryUpdatedAt: { lt: updatedAt.getTime() } } }
    const query = { bool: { filter: [{ term: { countryCode: code } }, isOlder] } }
    return (await client.count({ index, query })).count
  }
  return { done: async () => total - (await behind()), isSearchable: async () => (await behind()) === 0 }
}
