/** Connects a task with the benchmark that started it. */
export interface TaskControl {
  /** Reports that the task is ready. */
  readonly ready: () => void
  /** Resolves when the task may do its next pass. Resolves at once if it doesn't take turns with others. */
  readonly turn: () => Promise<void>
  /** Fires when the task must end. */
  readonly signal: AbortSignal
}
