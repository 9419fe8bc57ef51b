import type { LogFields, Logger } from '@kt/core'
import { separateError } from './pino-error.ts'

type Log = (fields: object, message: string) => void

/** The methods of a pino logger that are used. Child loggers and the logger of Fastify have them too. */
export interface PinoTarget {
  debug: Log
  info: Log
  warn: Log
  error: Log
}

/** Fields that pino writes itself. It would write them twice, and readers of JSON take the last one. */
const reserved: ReadonlySet<string> = new Set([
  'level',
  'time',
  'pid',
  'hostname',
  'name',
  'msg',
  'message',
  'err',
])

/**
 * A logger that writes to pino. The parts of an error are in `err`, as pino has them. Other fields that pino uses
 * itself get the prefix `kt_`, such as `kt_name`.
 */
export function pinoLogger(logger: PinoTarget): Logger {
  return {
    debug: (message, fields) => logger.debug(pinoFields(fields), message),
    info: (message, fields) => logger.info(pinoFields(fields), message),
    warn: (message, fields) => logger.warn(pinoFields(fields), message),
    error: (message, fields) => logger.error(pinoFields(fields), message),
  }
}

function pinoFields(fields: LogFields = {}): LogFields {
  const { err, others } = separateError(fields)
  const renamed: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(others)) renamed[reserved.has(key) ? `kt_${key}` : key] = value
  return err === undefined ? renamed : { ...renamed, err }
}
