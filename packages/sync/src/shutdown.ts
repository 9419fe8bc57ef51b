import { errorFields } from '@kt/core'
import type { Logger } from '@kt/core'
import { drainServer } from './drain-server.ts'
import type { DrainableServer } from './drain-server.ts'

export interface ShutdownOptions {
  /** HTTP servers that write to the database. They are drained first. @defaultValue none */
  readonly servers?: readonly DrainableServer[]
  /**
   * How long requests that are under way may take, in milliseconds.
   *
   * @defaultValue 10_000
   */
  readonly drainMs?: number
}

export interface SignalOptions extends ShutdownOptions {
  /**
   * The signals at which the process is shut down.
   *
   * @defaultValue `['SIGTERM', 'SIGINT']`
   */
  readonly signals?: readonly NodeJS.Signals[]
}

/** One step of a shutdown, for the log. */
export type Step = readonly [name: string, work: () => unknown]

/** Takes all steps, one after the other. One that fails is logged, and the others are taken all the same. */
export async function takeSteps(steps: readonly Step[], logger: Logger): Promise<void> {
  for (const [name, work] of steps)
    try {
      await work()
    } catch (error) {
      logger.warn(`${name} could not be closed in order`, errorFields(error))
    }
}

/** Ends the process in order at signals, or when it is told to. */
export class Shutdown {
  readonly #close: () => Promise<void>
  readonly #logger: Logger
  readonly #servers = new Set<DrainableServer>()
  readonly #listeners = new Map<NodeJS.Signals, () => void>()
  #drainMs = 10_000
  #done: Promise<void> | undefined

  /** @param close what is closed after the servers */
  constructor(close: () => Promise<void>, logger: Logger) {
    this.#close = close
    this.#logger = logger
  }

  /** Drains all servers that it was ever given, and closes the rest. Idempotent. */
  run(options: ShutdownOptions = {}): Promise<void> {
    this.#add(options)
    return (this.#done ??= this.#run())
  }

  /**
   * Does so at the first of these signals. A second one ends the process at once, as without this.
   *
   * @returns a function that stops that
   */
  onSignals({ signals = ['SIGTERM', 'SIGINT'], ...options }: SignalOptions): () => void {
    this.#add(options)
    for (const signal of signals) {
      if (this.#listeners.has(signal)) continue
      const listener = (): void => {
        this.ignoreSignals()
        this.#logger.info('Shutting down', { signal })
        void this.run()
      }
      this.#listeners.set(signal, listener)
      process.on(signal, listener)
    }
    return () => this.ignoreSignals()
  }

  ignoreSignals(): void {
    for (const [signal, listener] of this.#listeners) process.off(signal, listener)
    this.#listeners.clear()
  }

  #add({ servers = [], drainMs = this.#drainMs }: ShutdownOptions): void {
    this.#drainMs = drainMs
    for (const server of servers) this.#servers.add(server)
  }

  async #run(): Promise<void> {
    await Promise.all(Array.from(this.#servers, (server) => drainServer(server, this.#drainMs)))
    await this.#close()
  }
}
