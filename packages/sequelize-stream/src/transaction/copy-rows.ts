import type { OpenTransaction } from './open-transaction.ts'
import { pgDriver, replaceNextQuery, toPgQuery } from './pg-driver.ts'
import type { PgQuery } from './pg-driver.ts'

/**
 * Takes the rows of a `COPY … TO STDOUT` that is the next statement of a transaction, one by one as they come from
 * PostgreSQL.
 *
 * @param take gets a row as text, and must not throw: nobody would catch it
 * @returns false if the driver is another than `pg`, and nothing was done
 */
export function copyRows(transaction: OpenTransaction, take: (line: string) => void): boolean {
  const driver = pgDriver(transaction)
  if (driver === undefined) return false
  const { client, Query } = driver
  replaceNextQuery(client, (args) => {
    const query = toPgQuery(Query, args)
    if (query === undefined) return args
    // All but the line break.
    const handleCopyData: PgQuery['handleCopyData'] = ({ chunk }) =>
      take(chunk.toString('utf8', 0, chunk.length - 1))
    query.handleCopyData = handleCopyData
    return [query]
  })
  return true
}

const escapes: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}

/** The values in a row of the text format. */
export function copiedValues(line: string): readonly (string | undefined)[] {
  const values = line.includes('\t') ? line.split('\t') : [line]
  return line.includes('\\') ? values.map(unescaped) : values
}

function unescaped(value: string): string | undefined {
  if (value === String.raw`\N`) return undefined
  return value.replaceAll(/\\(.)/g, (_, escaped: string) => escapes[escaped] ?? escaped)
}
