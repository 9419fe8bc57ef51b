import type { Logger } from '@kt/core'
import { pinoLogger } from '@kt/telemetry/pino'
import { pino } from 'pino'
import pretty from 'pino-pretty'

/** Logs to stderr: lines for people in a terminal, JSON otherwise or if wanted. The level is that of `KT_LOG_LEVEL`. */
export function createLogger({ isJson }: { readonly isJson: boolean }): Logger {
  const level = process.env['KT_LOG_LEVEL'] ?? 'info'
  const isForPeople = !isJson && process.stderr.isTTY
  const stream = isForPeople
    ? pretty({ destination: 2, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' })
    : pino.destination(2)
  return pinoLogger(pino({ level }, stream))
}
