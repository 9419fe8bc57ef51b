/** The kinds of workers. All of them may run in one process. */
export const roles = ['indexer', 'delayer', 'cascades', 'relay'] as const

/**
 * - `indexer`: keeps the documents up to date.
 * - `delayer`: re-sends delay messages when they are due.
 * - `cascades`: finds the documents that contain a changed record.
 * - `relay`: sends what the outbox holds, if there is one.
 */
export type Role = (typeof roles)[number]

/** What all workers have in common. */
export interface Worker {
  readonly role: Role
  /** Its consumer group, index or table, for people. */
  readonly name: string
  run(options: { readonly signal: AbortSignal }): Promise<void>
  isReady(): boolean
  close(): Promise<void>
}
