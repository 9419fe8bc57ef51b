import type { LogFields, Logger } from '@kt/core'

/** Writes warnings and errors on one line each, and nothing else. */
export function lineLogger(write: (line: string) => void): Logger {
  const log =
    (level: string) =>
    (message: string, fields?: LogFields): void =>
      write(`${level}: ${message}${fields === undefined ? '' : ` ${JSON.stringify(fields)}`}`)
  const ignore = (): void => undefined
  return { debug: ignore, info: ignore, warn: log('warning'), error: log('error') }
}
