import type { LogFields } from '@kt/core'

/** The fields that `errorFields` of `@kt/core` returns. */
interface ErrorFields {
  readonly error: string
  readonly code?: string | number
  readonly message?: string
  /** Kafka's name for the error. */
  readonly type?: string
  readonly at?: string
  readonly cause?: ErrorFields
}

const errorKeys: ReadonlySet<string> = new Set([
  'error',
  'code',
  'message',
  'type',
  'broker',
  'status',
  'at',
  'cause',
])

/** Separates an error, or the parts of one by `errorFields`, from the other fields of a log line. */
export function separateError(fields: LogFields): { err: unknown; others: LogFields } {
  const { error, err, ...others } = fields
  if (isErrorFields(fields)) {
    const entries = Object.entries(fields)
    return {
      err: errorLike(
        Object.fromEntries(entries.filter(([key]) => errorKeys.has(key))) as unknown as ErrorFields,
      ),
      others: Object.fromEntries(entries.filter(([key]) => !errorKeys.has(key))),
    }
  }
  if (err !== undefined) return { err, others: { ...others, ...(error !== undefined && { error }) } }
  return error instanceof Error ? { err: error, others } : { err: undefined, others: fields }
}

function isErrorFields(fields: object): fields is ErrorFields {
  return 'error' in fields && typeof fields.error === 'string'
}

/**
 * The parts of an error in the shape that pino's serializer expects. It appends the messages and stacks of the causes to
 * those of the error, and takes `type` from the constructor or, where there is none, from `name`.
 */
function errorLike({ error, message, type, cause, ...others }: ErrorFields): object {
  const { code = type, at } = others
  const title = code === undefined ? error : `${error} [${code}]`
  const like = Object.create(null) as object
  Object.defineProperty(like, 'name', { value: error })
  return Object.assign(like, {
    type: error,
    // Most foreign messages aren't logged, because they may quote data. The code stands in for them.
    message: message ?? String(code ?? error),
    stack: `${title}${message === undefined ? '' : `: ${message}`}${at === undefined ? '' : `\n    at ${at}`}`,
    ...others,
    ...(type !== undefined && { kafkaType: type }),
    ...(cause !== undefined && { cause: errorLike(cause) }),
  })
}
