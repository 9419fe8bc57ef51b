import type { Difference } from '../harness/differences.ts'
import type { Convergence, World } from '../harness/world.ts'
import { Failure } from './cell.ts'

/**
 * How long all that is due at the end of a delay period may take to be worked off. It takes some 100 ms; but a machine
 * that is busy with other things, as one that runs tests is, can make it seconds.
 */
const processingMs = 20_000

/** How many differences are shown. */
const shown = 5

/**
 * Brings back what is gone, and makes sure that the index then equals the database within one delay period.
 *
 * @param workMs how long the work may take that is still to be done, besides the waiting
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

/** A few of them, in words. */
export function describeDifferences(found: readonly Difference[]): string {
  const lines = found.slice(0, shown).map(({ of, id, expected, found: document }) => {
    const row = expected === undefined ? 'no row' : JSON.stringify(expected)
    return `${of} ${id}: ${row} but ${document === undefined ? 'no document' : JSON.stringify(document)}`
  })
  return [...lines, ...(found.length > shown ? ['…'] : [])].join('; ')
}
