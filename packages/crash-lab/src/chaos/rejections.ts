/** A write that broke a constraint, or was the victim of a deadlock: life, and no outage. */
const conflicts = [
  'SequelizeUniqueConstraintError',
  'SequelizeForeignKeyConstraintError',
  // PostgreSQL's code of a deadlock.
  '40P01',
]

/** What a writer says of a write that it rejected: the fields of the error, as JSON. */
interface Reason {
  readonly error?: string
  readonly code?: unknown
  readonly cause?: Reason
}

/** Why a write was rejected, in a word; undefined when the write itself was to blame. */
export function rejectionOf(reason: string): string | undefined {
  const found = parse(reason)
  const words: string[] = []
  for (let each: Reason | undefined = found; each !== undefined; each = each.cause)
    words.push(...[each.error, each.code].filter((word) => typeof word === 'string'))
  if (words.some((word) => conflicts.includes(word))) return undefined
  return typeof found.code === 'string' ? found.code : (found.error ?? 'unknown')
}

function parse(reason: string): Reason {
  try {
    return JSON.parse(reason) as Reason
  } catch {
    return { error: reason }
  }
}
