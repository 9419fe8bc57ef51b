/** What became of one write. */
export interface Outcome {
  readonly name: string
  /** What it returned or threw, as comparable text. */
  readonly result: string
  readonly failed: boolean
  /** Whether it is one that must fail. */
  readonly mustFail: boolean
}

/** What the application says when it is done. */
export interface Report {
  readonly plain: readonly Outcome[]
  readonly streamed: readonly Outcome[]
  /** What `SHOW idle_in_transaction_session_timeout` said inside of transactions, right before they committed. */
  readonly idleTimeouts: Readonly<Record<string, string>>
  /** A statement as it has come to the database, which an agent may have changed. */
  readonly statement: string
  /** What an agent has seen until the end, by what it is. */
  readonly evidence: Evidence
  /** What it has seen of the writes alone, without a stream and with one. */
  readonly evidenceOfWrites: { readonly plain: Evidence; readonly streamed: Evidence }
  /** Warnings and errors that the packages logged. */
  readonly log: readonly string[]
  /** Messages of the delay topic that have not been re-sent. */
  readonly delayed: number
  readonly nodeVersion: string
}

export type Evidence = Readonly<Record<string, number>>
