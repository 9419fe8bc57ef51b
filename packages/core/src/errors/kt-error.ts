import type { KtErrorCode } from './error-code.ts'

const marker = Symbol.for('@kt/core/KtError')

export interface KtErrorOptions {
  /** The underlying error, such as the driver's. */
  readonly cause?: unknown
  /** Whether the same call may succeed later without a change by the caller. */
  readonly retryable: boolean
}

/**
 * The error class of all `@kt` packages. Its message says what happened and what to do. It never contains row data,
 * payloads or credentials.
 *
 * Use {@link KtError.isInstance} rather than `instanceof`. Two installed versions of this package have two classes, but
 * share the marker (the idea is from vercel/ai's errors).
 */
export class KtError<Code extends KtErrorCode = KtErrorCode> extends Error {
  readonly code: Code
  readonly retryable: boolean

  constructor(code: Code, message: string, options: KtErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'KtError'
    this.code = code
    this.retryable = options.retryable
    Object.defineProperty(this, marker, { value: true })
  }

  /** Whether `value` is a `KtError`, and has this code if one is given. */
  static isInstance<C extends KtErrorCode = KtErrorCode>(value: unknown, code?: C): value is KtError<C> {
    return (
      typeof value === 'object' &&
      value !== null &&
      marker in value &&
      (code === undefined || (value as unknown as KtError).code === code)
    )
  }
}
