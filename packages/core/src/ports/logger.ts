export type LogFields = Readonly<Record<string, unknown>>

/** Receives log lines. `console` is one. For pino, swap the two arguments. No line contains row data or credentials. */
export interface Logger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

const ignore = (): void => undefined

/** The default of all packages: logs warnings and errors to the console, and drops the rest. */
export const defaultLogger: Logger = {
  debug: ignore,
  info: ignore,
  warn: (message, fields) => console.warn(message, fields ?? ''),
  error: (message, fields) => console.error(message, fields ?? ''),
}

/** Drops all lines. */
export const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore }
