import type { LogFields, Logger } from '@kt/core'

const ignore = (): void => undefined

function write(message: string, fields?: LogFields): void {
  process.stderr.write(`${message} ${fields === undefined ? '' : JSON.stringify(fields)}\n`)
}

/** The lab keeps the end of what a role says there, and shows it when something fails. */
export const stderrLogger: Logger = { debug: ignore, info: ignore, warn: write, error: write }
