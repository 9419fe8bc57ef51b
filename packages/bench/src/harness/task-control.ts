/** What connects a task that works until it is told to stop with the benchmark that has started it. */
export interface TaskControl {
  /** Tells that it is at work. */
  readonly ready: () => void
  /** Fires when it shall come to an end. */
  readonly signal: AbortSignal
}
