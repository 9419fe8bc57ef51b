/** What connects a task with the benchmark that has started it. */
export interface TaskControl {
  /** Tells that it is at work. */
  readonly ready: () => void
  /** Resolves when it may do its next pass, if others have theirs in turns with it. Else at once. */
  readonly turn: () => Promise<void>
  /** Fires when it shall come to an end. */
  readonly signal: AbortSignal
}
