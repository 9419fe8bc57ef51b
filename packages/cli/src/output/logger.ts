import type { Logger } from '@kt/core'
import { pinoLogger } from '@kt/telemetry/pino'
import { pino } from 'pino'
import pretty from 'pino-pretty'

export interface LoggerOptions {
  readonly isJson: boolean
  /** The level without `KT_LOG_LEVEL`. */
  readonly level: 'info' | 'warn'
}

/** Logs to stderr: lines for people in a terminal, JSON otherwise or if wanted. */
export function createLogger({ isJson, level: usual }: LoggerOptions): Logger {
  const level = process.env['KT_LOG_LEVEL'] ?? usual
  const isForPeople = !isJson && process.stderr.isTTY
  const stream = isForPeople
    ? pretty({ destination: 2, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' })
    : pino.destination(2)
  return pinoLogger(pino({ level }, stream))
}
