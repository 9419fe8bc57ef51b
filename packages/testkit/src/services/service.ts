import type { Progress } from '../progress.ts'

/** A real server or cluster that can be stopped, paused, killed and restarted. */
export interface Service extends AsyncDisposable {
  /**
   * Installs missing parts and starts. Resolves when the service answers requests. Does nothing if it runs.
   *
   * @throws UnavailableError, with the end of the server's log
   */
  start(signal?: AbortSignal): Promise<void>
  /** Shuts down in an orderly way, and keeps the data. */
  stop(): Promise<void>
  /** Crashes it with SIGKILL, and keeps the data. */
  kill(): Promise<void>
  /** Freezes it with SIGSTOP. Connections stay open, and nothing answers. */
  pause(): void
  /** Resumes it after `pause` with SIGCONT. */
  resume(): void
  /** Stops it, if it runs, and starts it again on the same ports and data. */
  restart(signal?: AbortSignal): Promise<void>
  /** Ends it for good and removes temporary data. Idempotent. */
  close(): Promise<void>
}

export interface ServiceOptions {
  /**
   * A folder for the data. It is kept, and may contain the data of an earlier run. If PostgreSQL, started by root,
   * can't enter it as another user, it keeps its data in `/var/tmp`, and a note in the folder says so.
   *
   * @defaultValue a temporary folder, removed by `close()` or when this process ends
   */
  readonly persistent?: string
  /**
   * Timeout for a start.
   *
   * @defaultValue 120_000
   */
  readonly startTimeoutMs?: number
  /** @defaultValue no progress is reported */
  readonly onProgress?: Progress
}

export interface JavaServiceOptions extends ServiceOptions {
  /** The heap size, as for `-Xmx`. */
  readonly heap?: string
  /**
   * JVM flags.
   *
   * @defaultValue frugal and quick to start: the serial collector and only the first compiler. Pass `[]` to measure
   *   throughput.
   */
  readonly jvmFlags?: readonly string[]
}

export const quickStartFlags: readonly string[] = [
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Xshare:auto',
]
