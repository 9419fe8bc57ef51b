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

/** Causes may go in circles. */
const maxCauses = 8

/** What may be logged of an error: name, code and message down its causes, without the fields that drivers add. */
export function errorFields(error: unknown): LogFields {
  return fieldsOf(error, maxCauses)
}

function fieldsOf(error: unknown, causes: number): LogFields {
  if (!(error instanceof Error)) return { error: typeof error }
  const code = (error as { code?: unknown }).code
  return {
    error: error.name,
    ...(typeof code === 'string' && { code }),
    message: error.message,
    ...(error.cause !== undefined && causes > 0 && { cause: fieldsOf(error.cause, causes - 1) }),
  }
}
