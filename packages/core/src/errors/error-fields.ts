import type { LogFields } from '../ports/logger.ts'
import { isError } from '../internal/causes-of.ts'
import { KtError } from './kt-error.ts'

/** Limits the chain, because causes may be circular. */
const maxCauses = 8

const namePattern = /^[A-Za-z]\w{0,63}$/
/** Codes of Node, databases and brokers, such as `ECONNREFUSED`, `23505` and `TOPIC_AUTHORIZATION_FAILED`. */
const codePattern = /^[A-Z0-9_]{1,64}$/
const brokerPattern = /^[\w.-]{1,253}:\d{1,5}$/
const framePattern = /^ {4}at .*:\d+:\d+\)?$/

/**
 * Network errors that some drivers report only in their message. Just these words are logged, without the text around
 * them.
 */
const networkErrors = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'timed out',
  'other side closed',
  'self-signed certificate',
  'unable to verify the first certificate',
  'unable to get local issuer certificate',
  'certificate has expired',
  "does not match certificate's altnames",
  'wrong version number',
  'password authentication failed',
  'invalid credentials',
]

/** Fields that other libraries add to their errors. */
interface ForeignError extends Error {
  readonly code?: unknown
  /** Kafka's name for the error. */
  readonly type?: unknown
  readonly broker?: unknown
  /** The HTTP status of a search client's error. */
  readonly statusCode?: unknown
  /** The driver's own error in an error of Sequelize. */
  readonly original?: unknown
}

/**
 * The parts of an error, and of its causes, that may be logged. The message is included for a `KtError` only, because
 * databases, search engines and parsers quote rows, documents and statements in theirs, and addresses may contain a
 * password. For all others, it includes the name, the codes, known network errors, and where the error was thrown.
 */
export function errorFields(error: unknown): LogFields {
  return fieldsOf(error, maxCauses)
}

function fieldsOf(error: unknown, causes: number): LogFields {
  if (!isError(error) && !KtError.isInstance(error)) return { error: typeof error }
  const { cause = (error as ForeignError).original } = error
  return {
    ...(KtError.isInstance(error)
      ? { error: 'KtError', code: error.code, message: error.message }
      : foreignFields(error)),
    ...(cause !== undefined && causes > 0 && { cause: fieldsOf(cause, causes - 1) }),
  }
}

function foreignFields(error: ForeignError): LogFields {
  const { code, type, broker, statusCode, message } = error
  const at = originOf(error)
  const networkError = networkErrors.find((words) => typeof message === 'string' && message.includes(words))
  return {
    error: matches(error.name, namePattern) ? error.name : 'Error',
    ...((matches(code, codePattern) || Number.isSafeInteger(code)) && { code }),
    ...(matches(type, codePattern) && { type }),
    ...(networkError !== undefined && { message: networkError }),
    ...(matches(broker, brokerPattern) && { broker }),
    ...(Number.isSafeInteger(statusCode) && { status: statusCode }),
    ...(at !== undefined && { at }),
  }
}

/** The first stack line below the message. The message itself may have several lines. */
function originOf({ stack, message }: Error): string | undefined {
  if (typeof stack !== 'string' || typeof message !== 'string') return undefined
  const start = stack.indexOf(message)
  // The message was replaced after the stack was captured, so the end of the old one is unknown.
  if (start === -1) return undefined
  const [, frame] = stack.slice(start + message.length).split('\n', 2)
  return frame !== undefined && framePattern.test(frame) ? frame.slice('    at '.length) : undefined
}

function matches(value: unknown, pattern: RegExp): value is string {
  return typeof value === 'string' && pattern.test(value)
}
