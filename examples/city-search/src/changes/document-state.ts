import type { CityDocument } from '../index/city-document.ts'
import { cityIndex } from '../index/city-index.ts'
import { search } from '../index/client.ts'

const index = cityIndex.name

/** Asks the index how much of a change it shows. */
export interface DocumentState {
  /** Returns the number of affected documents that show the change. */
  done(): Promise<number>
  /** Returns whether searches find the change as well. */
  isSearchable(): Promise<boolean>
  /** Returns whether the documents contain a write that was made at this time or later, in epoch milliseconds. */
  hasWriteSince(time: number): Promise<boolean>
}

/** @param updatedAt the row's value after the write */
export function updatedCity(id: number, updatedAt: Date): DocumentState {
  const writtenAt = updatedAt.getTime()
  const shows = { range: { updatedAt: { gte: writtenAt } } }
  // A read by id uses the shard's log and sees a write as soon as it was answered.
  const read = async (): Promise<CityDocument | undefined> =>
    (await search.get<CityDocument>({ index, id: String(id) }, { ignore: [404] }))._source
  return {
    done: async () => (((await read())?.updatedAt ?? 0) >= writtenAt ? 1 : 0),
    hasWriteSince: async (time) => {
      const document = await read()
      return Math.max(document?.updatedAt ?? 0, document?.countryUpdatedAt ?? 0) >= time
    },
    isSearchable: async () => {
      const query = { bool: { filter: [{ ids: { values: [String(id)] } }, shows] } }
      return (await search.count({ index, query })).count > 0
    },
  }
}

export function deletedCity(id: number): DocumentState {
  return {
    done: async () => ((await search.exists({ index, id: String(id) })) ? 0 : 1),
    isSearchable: async () =>
      (await search.count({ index, query: { ids: { values: [String(id)] } } })).count === 0,
    // Nothing is written after a deletion.
    hasWriteSince: () => Promise.resolve(false),
  }
}

/** A country has no document of its own. Its cities' documents contain its name. */
export function updatedCountry({
  code,
  updatedAt,
  total,
}: {
  code: string
  updatedAt: Date
  total: number
}): DocumentState {
  const writtenAt = updatedAt.getTime()
  const count = async (countryUpdatedAt: { lt: number } | { gte: number }): Promise<number> => {
    const query = { bool: { filter: [{ term: { countryCode: code } }, { range: { countryUpdatedAt } }] } }
    return (await search.count({ index, query })).count
  }
  // Counts outdated documents, so that it does not wait for a city that is deleted meanwhile.
  const behind = (): Promise<number> => count({ lt: writtenAt })
  return {
    done: async () => total - (await behind()),
    isSearchable: async () => (await behind()) === 0,
    hasWriteSince: async (time) => (await count({ gte: time })) > 0,
  }
}
