export type LogFields = Readonly<Record<string, unknown>>

/** Where log lines go. `console` is one; for pino, swap the two arguments. No line holds row data or credentials. */
export interface Logger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

const ignore = (): void => undefined

/** The default of all packages: warnings and errors go to the console, the rest is dropped. */
export const defaultLogger: Logger = {
  debug: ignore,
  info: ignore,
  warn: (message, fields) => console.warn(message, fields ?? ''),
  error: (message, fields) => console.error(message, fields ?? ''),
}

/** Drops every line. */
export const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore }
