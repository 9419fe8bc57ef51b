/** The result of one write. */
export interface Outcome {
  readonly name: string
  /** The returned value or the error, as comparable text. */
  readonly result: string
  readonly failed: boolean
  /** Whether the write must fail. */
  readonly mustFail: boolean
}

/** The application's final report. */
export interface Report {
  readonly plain: readonly Outcome[]
  readonly streamed: readonly Outcome[]
  /** `SHOW idle_in_transaction_session_timeout` inside of transactions, right before they committed. */
  readonly idleTimeouts: Readonly<Record<string, string>>
  /** A statement as the database received it, with any changes by an agent. */
  readonly statement: string
  /** Everything that the agent has seen, by kind. */
  readonly evidence: Evidence
  /** What it has seen of the writes alone, without and with a stream. */
  readonly evidenceOfWrites: { readonly plain: Evidence; readonly streamed: Evidence }
  /** Warnings and errors that the packages logged. */
  readonly log: readonly string[]
  /** Messages of the delay topic that have not been re-sent. */
  readonly delayed: number
  readonly nodeVersion: string
}

export type Evidence = Readonly<Record<string, number>>
