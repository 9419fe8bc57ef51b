import type { Sync } from '@kt/sync'
import { isLoaded, loadCities } from '../load/load-cities.ts'
import { loadCountries } from '../load/load-countries.ts'
import { readCities } from '../load/read-cities.ts'
import type { ProgressBar, ProgressBars } from './progress-bars.ts'

export interface FirstLoadOptions {
  readonly bars: ProgressBars
  readonly signal: AbortSignal
}

/** Loads the cities unless an earlier run has done so. */
export async function loadOnce({ bars, signal }: FirstLoadOptions): Promise<void> {
  if (await isLoaded()) return
  const bar = bars.add('Cities')
  await loadCountries()
  await loadCities(await readCities(), {
    signal,
    onProgress: ({ position, total }) => bar.update(position, total, partOf(position, total)),
  })
}

/** Creates the topics, and builds the index from the table unless it is as wanted. */
export async function buildIndex(sync: Sync, { bars, signal }: FirstLoadOptions): Promise<void> {
  const startedAt = performance.now()
  let bar: ProgressBar | undefined
  await sync.apply({
    signal,
    onProgress: (_alias, { step, done = 0, total = 0 }) => {
      bar ??= bars.add('Index')
      bar.update(done, total, total === 0 ? step : `${step}: ${partOf(done, total)}`)
    },
  })
  bar?.update(1, 1, `built in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`)
}

function partOf(part: number, total: number): string {
  return `${part.toLocaleString('en')} of ${total.toLocaleString('en')}`
}
