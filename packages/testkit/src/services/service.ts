import type { Progress } from '../progress.ts'

/** A real server, or a cluster of them, that can be taken away and brought back. */
export interface Service extends AsyncDisposable {
  /**
   * Installs what is missing and starts; resolves when the service answers requests. Does nothing if it runs.
   *
   * @throws KtError `KT_SERVICES_UNAVAILABLE`, with the end of the server's log
   */
  start(signal?: AbortSignal): Promise<void>
  /** An orderly shutdown; the data stay. */
  stop(): Promise<void>
  /** A crash (SIGKILL); the data stay. */
  kill(): Promise<void>
  /** Freezes it (SIGSTOP): connections stay open, and nothing answers. */
  pause(): void
  /** Lets it go on after `pause` (SIGCONT). */
  resume(): void
  /** Stops it, if it runs, and starts it again on the same ports and data. */
  restart(signal?: AbortSignal): Promise<void>
  /** Ends it for good and removes temporary data. Idempotent. */
  close(): Promise<void>
}

export interface ServiceOptions {
  /**
   * A folder for the data, which is kept and may hold those of an earlier run. Where PostgreSQL, started by root,
   * can't go to it as another user, it keeps its data in `/var/tmp`, and a note in the folder says so.
   *
   * @defaultValue a temporary folder, removed by `close()` or when this process ends
   */
  readonly persistent?: string
  /**
   * How long a start may take.
   *
   * @defaultValue 120_000
   */
  readonly startTimeoutMs?: number
  /** @defaultValue nothing is shown */
  readonly onProgress?: Progress
}

export interface JavaServiceOptions extends ServiceOptions {
  /** The heap, as `-Xmx` takes it. */
  readonly heap?: string
  /**
   * Flags of the JVM.
   *
   * @defaultValue quick to start and frugal: the serial collector and the first compiler only. Give `[]` to measure
   *   throughput.
   */
  readonly jvmFlags?: readonly string[]
}

export const quickStartFlags: readonly string[] = [
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Xshare:auto',
]
