/** Errors that the write itself caused, such as a broken constraint or a deadlock. They do not count as rejections. */
const conflicts = [
  'SequelizeUniqueConstraintError',
  'SequelizeForeignKeyConstraintError',
  // PostgreSQL's error code for a deadlock.
  '40P01',
]

/** The fields of the error of a rejected write, as the writer reports them in JSON. */
interface Reason {
  readonly error?: string
  readonly code?: unknown
  readonly cause?: Reason
}

/** Returns a one-word reason for the rejection, or undefined if the write itself caused it. */
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
