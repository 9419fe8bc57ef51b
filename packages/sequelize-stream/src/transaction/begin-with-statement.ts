import type { OpenTransaction } from './open-transaction.ts'
import { pgDriver, replaceNextQuery, toPgQuery } from './pg-driver.ts'
import type { PgQuery, Wire } from './pg-driver.ts'

/**
 * Lets a transaction begin along with its first statement, in one message to PostgreSQL, which saves a round trip. If
 * it can't begin, PostgreSQL passes the statement over: it is never executed without a transaction.
 *
 * @param begin the statements that begin it
 * @returns false if the driver is another than `pg`, and nothing was done
 */
export function beginWithStatement(transaction: OpenTransaction, begin: readonly string[]): boolean {
  const driver = pgDriver(transaction)
  if (driver === undefined) return false
  const { client, Query } = driver
  const wire = client.connection as Wire
  replaceNextQuery(client, (args) => {
    const query = toPgQuery(Query, args)
    if (query !== undefined) return [beginning(query, begin)]
    // Somebody else's query. What comes after the first is sent only when that was answered.
    client.query(`${begin.join('; ')};`, (error: Error | null) => {
      if (error !== null) wire.stream.destroy(error)
    })
    return args
  })
  return true
}

function beginning(query: PgQuery, begin: readonly string[]): PgQuery {
  const { text } = query
  const submit = query.submit.bind(query)
  const handleCommandComplete = query.handleCommandComplete.bind(query)
  const handleError = query.handleError.bind(query)
  const before = `${begin.join('; ')}; `
  const isPrepared = query.requiresPreparation()
  let unanswered = begin.length
  const submitBoth: PgQuery['submit'] = (wire) => {
    if (!isPrepared) query.text = before + text
    wire.stream.cork?.()
    // Without a `Sync` in between, so that after an error all the rest is passed over.
    if (isPrepared && wire.stream.writable) wire.stream.write(messagesOf(begin, wire))
    const error = submit(wire)
    wire.stream.uncork?.()
    return error
  }
  const completeOne: PgQuery['handleCommandComplete'] = (message, wire) => {
    if (unanswered > 0) unanswered -= 1
    else handleCommandComplete(message, wire)
  }
  const failBoth: PgQuery['handleError'] = (error, wire) => {
    // As if it had been sent alone.
    if (!isPrepared && error.position !== undefined)
      error.position = String(Number(error.position) - before.length)
    handleError(error, wire)
  }
  return Object.assign(query, {
    submit: submitBoth,
    handleCommandComplete: completeOne,
    handleError: failBoth,
  })
}

const encoded = new Map<string, Uint8Array>()

/** What the driver would send for statements without parameters. They are always the same few. */
function messagesOf(statements: readonly string[], wire: Wire): Uint8Array {
  const key = statements.join(';')
  let messages = encoded.get(key)
  if (messages === undefined) {
    const sent: Uint8Array[] = []
    const stream = { writable: true, write: (message: Uint8Array) => sent.push(message) }
    const recording = Object.create(wire, { stream: { value: stream } }) as Wire
    for (const statement of statements) {
      recording.parse({ text: statement })
      recording.bind({})
      recording.execute({})
    }
    messages = Buffer.concat(sent)
    encoded.set(key, messages)
  }
  return messages
}
