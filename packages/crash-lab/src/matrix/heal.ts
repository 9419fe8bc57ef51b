import type { Difference } from '../harness/differences.ts'
import type { Convergence, World } from '../harness/world.ts'
import { Failure } from './cell.ts'

/**
 * Time allowed for processing everything that is due at the end of a delay period. Processing takes some 100 ms. A
 * machine that is busy with other work, such as tests, can make it seconds.
 */
const processingMs = 20_000

/** The maximum number of differences shown. */
const shown = 5

/**
 * Replaces what is missing, and checks that the index then equals the database within one delay period.
 *
 * @param workMs time allowed for the remaining work, in addition to the waiting
 * @throws Failure
 */
export async function heal(world: World, workMs = processingMs): Promise<Convergence> {
  const convergence = await world.converge()
  const found = await world.differences()
  if (found.length > 0) throw new Failure(`${found.length} differences: ${describeDifferences(found)}`)
  const limitMs = world.settings.delayMs + workMs
  if (convergence.convergeMs > limitMs)
    throw new Failure(`converged, but in ${Math.round(convergence.convergeMs)} ms instead of ${limitMs}`)
  return convergence
}

/** Describes a few of the differences in words. */
export function describeDifferences(found: readonly Difference[]): string {
  const lines = found.slice(0, shown).map(({ of, id, expected, found: document }) => {
    const row = expected === undefined ? 'no row' : JSON.stringify(expected)
    return `${of} ${id}: ${row} but ${document === undefined ? 'no document' : JSON.stringify(document)}`
  })
  return [...lines, ...(found.length > shown ? ['…'] : [])].join('; ')
}
