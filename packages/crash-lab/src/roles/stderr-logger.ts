import type { LogFields, Logger } from '@kt/core'

const ignore = (): void => undefined

function write(message: string, fields?: LogFields): void {
  process.stderr.write(`${message} ${fields === undefined ? '' : JSON.stringify(fields)}\n`)
}

/** Logs to stderr. The lab keeps the end of a role's stderr and shows it after a failure. */
export const stderrLogger: Logger = { debug: ignore, info: ignore, warn: write, error: write }
