import type { Sequelize } from 'sequelize'
import type { OpenTransaction } from './open-transaction.ts'

/** The messages that `pg` sends to the server. */
interface Wire {
  readonly stream: { cork?(): void; uncork?(): void; destroy(error: Error): void }
  parse(statement: { text: string }): void
  bind(portal: object): void
  execute(portal: object): void
}

type Callback = (error: Error | null, result?: unknown) => void

/** A query of `pg` on its way: what its client calls as the server answers. */
interface PgQuery {
  text: string
  requiresPreparation(): boolean
  submit(wire: Wire): Error | null
  handleCommandComplete(message: unknown, wire: Wire): void
  handleError(error: Error & { position?: string }, wire: Wire): void
}

type PgQueryClass = new (text: string, values: readonly unknown[] | undefined, callback: Callback) => PgQuery

/** A client of `pg`. */
interface PgClient {
  query(...args: readonly unknown[]): unknown
  readonly connection?: Partial<Wire>
}

/**
 * Lets a transaction begin along with its first statement, in one message to PostgreSQL, which saves a round trip. If
 * it can't begin, PostgreSQL passes the statement over: it is never executed without a transaction.
 *
 * @param begin the statements that begin it
 * @returns false if the driver is another than `pg`, and nothing was done
 */
export function beginWithStatement(transaction: OpenTransaction, begin: readonly string[]): boolean {
  const client = transaction.connection as PgClient
  const Query = queryClass(transaction.sequelize)
  if (Query === undefined || typeof client.connection?.parse !== 'function') return false
  const wire = client.connection as Wire
  // Usually there is none: the method is that of the class.
  const own = Object.getOwnPropertyDescriptor(client, 'query')
  client.query = (...args) => {
    Reflect.deleteProperty(client, 'query')
    if (own !== undefined) Object.defineProperty(client, 'query', own)
    const [text, values, callback = values] = args
    if (typeof text === 'string' && typeof callback === 'function') {
      const parameters = Array.isArray(values) ? (values as readonly unknown[]) : undefined
      return client.query(beginning(Query, begin, text, parameters, callback as Callback))
    }
    // Somebody else's query. What comes after the first is sent only when that was answered.
    client.query(`${begin.join('; ')};`, (error: Error | null) => {
      if (error !== null) wire.stream.destroy(error)
    })
    return client.query(...args)
  }
  return true
}

function queryClass(sequelize: Sequelize): PgQueryClass | undefined {
  const { lib } = sequelize.connectionManager as unknown as {
    readonly lib?: { readonly Query?: PgQueryClass }
  }
  return lib?.Query
}

function beginning(
  Query: PgQueryClass,
  begin: readonly string[],
  ...[text, values, callback]: ConstructorParameters<PgQueryClass>
): PgQuery {
  const query = new Query(text, values, callback)
  const submit = query.submit.bind(query)
  const handleCommandComplete = query.handleCommandComplete.bind(query)
  const handleError = query.handleError.bind(query)
  const before = `${begin.join('; ')}; `
  const isPrepared = query.requiresPreparation()
  let unanswered = begin.length
  query.submit = (wire) => {
    if (!isPrepared) query.text = before + text
    wire.stream.cork?.()
    // Without a `Sync` in between, so that after an error all the rest is passed over.
    if (isPrepared)
      for (const statement of begin) {
        wire.parse({ text: statement })
        wire.bind({})
        wire.execute({})
      }
    const error = submit(wire)
    wire.stream.uncork?.()
    return error
  }
  query.handleCommandComplete = (message, wire) => {
    if (unanswered > 0) unanswered -= 1
    else handleCommandComplete(message, wire)
  }
  query.handleError = (error, wire) => {
    // As if it had been sent alone.
    if (!isPrepared && error.position !== undefined)
      error.position = String(Number(error.position) - before.length)
    handleError(error, wire)
  }
  return query
}
