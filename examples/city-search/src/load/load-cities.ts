import type { CreationAttributes } from 'sequelize'
import { City } from '../models/city.ts'
import { sequelize } from '../models/database.ts'
import { LoadState } from '../models/load-state.ts'

interface LoadProgress {
  readonly position: number
  readonly total: number
}

export interface LoadOptions {
  /** Rows per transaction and statement. @defaultValue 1000 */
  readonly chunkSize?: number
  /** Checked between the chunks. Cities loaded by then stay. */
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: LoadProgress) => void
}

const name = 'cities'

/** Returns whether all cities have been loaded once. */
export async function isLoaded(): Promise<boolean> {
  const state = await LoadState.findByPk(name)
  return state !== null && state.position === state.total
}

/**
 * Writes the cities in chunks, starting where an earlier load was interrupted. Call it before the models are streamed and
 * the index is built: reading the whole table then is faster than a message for each city.
 */
export async function loadCities(
  cities: readonly CreationAttributes<City>[],
  { chunkSize = 1_000, signal, onProgress }: LoadOptions = {},
): Promise<void> {
  const state = await LoadState.findByPk(name)
  const total = cities.length
  let position = state?.position ?? 0
  onProgress?.({ position, total })
  while (position < total) {
    signal?.throwIfAborted()
    const chunk = cities.slice(position, position + chunkSize)
    position += chunk.length
    await sequelize.transaction(async (transaction) => {
      await City.bulkCreate(chunk, { transaction })
      await LoadState.upsert({ name, position, total }, { transaction })
    })
    onProgress?.({ position, total })
  }
}
