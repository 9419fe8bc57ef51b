import { KtError } from '../errors/kt-error.ts'
import type { BehindOptions, CatchUpOptions, Consumption } from '../ports/message-consumer.ts'

export interface RunOptions {
  /** Closes the worker when it fires. */
  readonly signal?: AbortSignal
}

/** The life cycle of all workers. An Indexer, a Delayer and a Cascader each consume one topic. */
export abstract class TopicWorker implements AsyncDisposable {
  readonly #label: string
  readonly #closing = new AbortController()
  #starting: Promise<Consumption> | undefined
  #consumption: Consumption | undefined

  /** @param label the worker's name in error messages */
  constructor(label: string) {
    this.#label = label
  }

  /**
   * Starts consuming and resolves once the worker has joined its consumer group. Repeated calls wait for the same
   * start. After a failure, it may be called again.
   *
   * @param start receives a signal that fires when the worker is closed
   * @throws KtError the error of `start`, and `KT_CLOSED` after `close()`
   */
  protected async begin(
    start: (signal: AbortSignal) => Promise<Consumption>,
    { signal }: RunOptions = {},
  ): Promise<void> {
    const { signal: closing } = this.#closing
    if (closing.aborted) throw this.#closedError('was closed')
    const starting = (this.#starting ??= start(
      signal === undefined ? closing : AbortSignal.any([signal, closing]),
    ))
    try {
      this.#consumption = await starting
    } catch (error) {
      if (this.#starting === starting) this.#starting = undefined
      throw error
    }
  }

  /**
   * Resolves when all messages that are now in the topic have been processed or given up, and their offsets are
   * committed.
   *
   * @throws KtError `KT_CATCH_UP_TIMEOUT`, `KT_ABORTED`, and `KT_CLOSED` when the worker is not running
   */
  async whenCaughtUp(options?: CatchUpOptions): Promise<void> {
    const consumption = await this.#running()
    await consumption.whenCaughtUp(options)
  }

  /**
   * Returns the number of messages that the consumer group has not committed yet, over all partitions of the topic.
   *
   * @throws KtError `KT_CLOSED` when the worker is not running
   */
  async lag(): Promise<bigint> {
    const consumption = await this.#running()
    return consumption.lag()
  }

  /**
   * Whether a message has been waiting for longer than `ageMs`, in any partition of the topic, such as for a banner
   * "results may be out of date".
   *
   * @throws KtError `KT_OPTION_INVALID`; `KT_CLOSED` when the worker is not running
   */
  async isBehind(options?: BehindOptions): Promise<boolean> {
    const consumption = await this.#running()
    return (await consumption.isBehind?.(options)) ?? (await consumption.lag()) > 0n
  }

  /** Whether the worker is a member of its consumer group, and not blocked by a problem that an operator has to fix. */
  isReady(): boolean {
    return !this.#closing.signal.aborted && this.#consumption?.isReady() === true
  }

  /**
   * Finishes and commits the current batch, then leaves the consumer group. Gives up at once if the worker is still
   * joining. Idempotent.
   */
  async close(): Promise<void> {
    this.#closing.abort()
    const consumption = await this.#starting?.catch(() => undefined)
    await consumption?.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #running(): Promise<Consumption> {
    if (this.#starting === undefined || this.#closing.signal.aborted)
      throw this.#closedError('is not running: call run() first')
    return this.#starting
  }

  #closedError(what: string): KtError {
    return new KtError('KT_CLOSED', `This ${this.#label} ${what}`, { retryable: false })
  }
}
