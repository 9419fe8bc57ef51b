import type { Indexer } from '@kt/indexer'
import type { Connections } from '../connections.ts'
import { isLoaded, loadCities } from '../load/load-cities.ts'
import { loadCountries } from '../load/load-countries.ts'
import { readCities } from '../load/read-cities.ts'
import type { City } from '../models/city.ts'
import type { ProgressBars } from './progress-bars.ts'

export interface FirstLoadOptions {
  readonly connections: Connections
  readonly indexer: Indexer<City>
  readonly bars: ProgressBars
  readonly signal: AbortSignal
}

/** Loads the cities unless an earlier run has done so, and waits until the index has caught up. */
export async function firstLoad({ connections, indexer, bars, signal }: FirstLoadOptions): Promise<void> {
  if (await isLoaded()) return
  const loading = bars.add('Cities')
  const indexing = bars.add('Index')
  const show = async (total: number, more = ''): Promise<void> => {
    const { count } = await connections.elasticsearch.count({ index: connections.config.index })
    indexing.update(count, total, `${count.toLocaleString('en')} indexed${more}`)
  }
  await loadCountries(connections.sequelize)
  const cities = await readCities()
  const timer = setInterval(() => void show(cities.length).catch(() => undefined), 500)
  try {
    const startedAt = performance.now()
    await loadCities(connections.sequelize, cities, {
      signal,
      onProgress: ({ position, total }) =>
        loading.update(position, total, `${position.toLocaleString('en')} of ${total.toLocaleString('en')}`),
    })
    await indexer.whenCaughtUp({ timeoutMs: 600_000, signal })
    const seconds = (performance.now() - startedAt) / 1_000
    await connections.elasticsearch.indices.refresh({ index: connections.config.index })
    await show(cities.length, ` in ${seconds.toFixed(1)} s`)
  } finally {
    clearInterval(timer)
  }
}
