import type { LogFields, Logger } from '@kt/core'

/** Warnings and errors on one line each; there is nothing to see while all is well. */
export const consoleLogger: Logger = lineLogger((line) => console.error(line))

export function lineLogger(write: (line: string) => void): Logger {
  const log =
    (level: string) =>
    (message: string, fields?: LogFields): void =>
      write(`${level}: ${message}${fields === undefined ? '' : ` ${JSON.stringify(fields)}`}`)
  const ignore = (): void => undefined
  return { debug: ignore, info: ignore, warn: log('warning'), error: log('error') }
}
