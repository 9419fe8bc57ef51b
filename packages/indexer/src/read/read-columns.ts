import { KtError } from '@kt/core'
import { within } from '@kt/core/internal'
import type { IndexDefinition } from '../document/index-definition.ts'

interface Options {
  readonly index: Pick<IndexDefinition<never>, 'name' | 'reads'>
  readonly loadTimeoutMs: number
}

/**
 * Asks the index definition which columns its documents depend on; undefined for all.
 *
 * @throws KtError `KT_LOAD_FAILED`
 */
export async function readColumns({
  index,
  loadTimeoutMs,
}: Options): Promise<ReadonlySet<string> | undefined> {
  if (index.reads === undefined) return undefined
  const failed = (cause?: unknown): KtError =>
    new KtError(
      'KT_LOAD_FAILED',
      `"reads" of the index ${index.name} failed, or took more than ${loadTimeoutMs} ms`,
      { cause, retryable: true },
    )
  try {
    return await within(loadTimeoutMs, index.reads(), failed)
  } catch (error) {
    throw KtError.isInstance(error, 'KT_LOAD_FAILED') ? error : failed(error)
  }
}
