import type { Stage } from './stage.ts'

export interface Edits {
  /** The index of the edited products. */
  readonly index: string
  /** How many products there are. */
  readonly products: number
  readonly editsPerSecond: number
  readonly seconds: number
  readonly warmUpSeconds: number
}

/** The first price. Each edit's price identifies it. */
const firstId = 1_000_000

/**
 * Edits single products at a steady rate, through topics of their own.
 *
 * @returns for each edit the milliseconds from its commit until it is readable by id
 */
export async function editTimes(
  { scope, addresses, task }: Stage,
  name: string,
  { index, products, editsPerSecond, seconds, warmUpSeconds }: Edits,
): Promise<number[]> {
  const instant = await scope.createTopic(`products-${name}`)
  const delay = await scope.createTopic(`delay-${name}`)
  const count = editsPerSecond * seconds
  const [readableAt, committedAt] = await Promise.all([
    task('indexTimed', { ...addresses, topic: instant, index, firstId, count }),
    task('edit', {
      ...addresses,
      topics: { instant, delay },
      products,
      firstId,
      count,
      perSecond: editsPerSecond,
      warmUpCount: editsPerSecond * warmUpSeconds,
    }),
  ])
  return committedAt.map((at, edit) => (readableAt[edit] ?? Number.NaN) - at)
}
