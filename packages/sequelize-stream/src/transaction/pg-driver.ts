import type { Sequelize } from 'sequelize'
import type { OpenTransaction } from './open-transaction.ts'

/** The messages that `pg` sends to the server. */
export interface Wire {
  readonly stream: {
    readonly writable: boolean
    write(message: Uint8Array): unknown
    cork?(): void
    uncork?(): void
    destroy(error: Error): void
  }
  parse(statement: { text: string }): void
  bind(portal: object): void
  execute(portal: object): void
}

type Callback = (error: Error | null, result?: unknown) => void

/** A query of `pg` on its way: what its client calls as the server answers. */
export interface PgQuery {
  text: string
  requiresPreparation(): boolean
  submit(wire: Wire): Error | null
  handleCopyData(message: { readonly chunk: Buffer }): void
  handleCommandComplete(message: unknown, wire: Wire): void
  handleError(error: Error & { position?: string }, wire: Wire): void
}

type PgQueryClass = new (text: string, values: readonly unknown[] | undefined, callback: Callback) => PgQuery

type Arguments = readonly unknown[]

/** A client of `pg`. */
export interface PgClient {
  query(...args: Arguments): unknown
  readonly connection?: Partial<Wire>
}

/** The client of a transaction, and what it makes of a statement; undefined if the driver is another than `pg`. */
export function pgDriver(
  transaction: OpenTransaction,
): { readonly client: PgClient; readonly Query: PgQueryClass } | undefined {
  const client = transaction.connection as PgClient
  const Query = queryClass(transaction.sequelize)
  return Query === undefined || typeof client.connection?.parse !== 'function' ? undefined : { client, Query }
}

function queryClass(sequelize: Sequelize): PgQueryClass | undefined {
  const { lib } = sequelize.connectionManager as unknown as {
    readonly lib?: { readonly Query?: PgQueryClass }
  }
  return lib?.Query
}

/** Has the client's next query go through `replace`, which gets its arguments and says with which to go on. */
export function replaceNextQuery(client: PgClient, replace: (args: Arguments) => Arguments): void {
  // Usually there is none: the method is that of the class.
  const own = Object.getOwnPropertyDescriptor(client, 'query')
  // Not right behind the `=`, here and elsewhere: V8 would keep it, and all that it refers to, until a full collection.
  const query: PgClient['query'] = (...args) => {
    Reflect.deleteProperty(client, 'query')
    if (own !== undefined) Object.defineProperty(client, 'query', own)
    return client.query(...replace(args))
  }
  client.query = query
}

/** The query that Sequelize wants, from the arguments by which it asks for one; undefined if somebody else asks. */
export function toPgQuery(Query: PgQueryClass, args: Arguments): PgQuery | undefined {
  const [text, values, callback = values] = args
  if (text instanceof Query) return text
  if (typeof text !== 'string' || typeof callback !== 'function') return undefined
  const parameters = Array.isArray(values) ? (values as readonly unknown[]) : undefined
  return new Query(text, parameters, callback as Callback)
}
