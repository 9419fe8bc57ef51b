import type { Sync } from '@kt/sync'
import colors from 'picocolors'

const everyMs = 15_000

/** Says on stderr what long work waits for when it stands still: a service may be away for long. */
export class StallReport implements Disposable {
  readonly #sync: Pick<Sync, 'requireServices'>
  readonly #timer: NodeJS.Timeout
  #movedAtMs = performance.now()
  #isEnded = false

  constructor(sync: Pick<Sync, 'requireServices'>, afterMs = everyMs) {
    this.#sync = sync
    this.#timer = setInterval(() => void this.#look(afterMs), afterMs)
  }

  /** The work has moved on. */
  moved(): void {
    this.#movedAtMs = performance.now()
  }

  async #look(afterMs: number): Promise<void> {
    const standsMs = performance.now() - this.#movedAtMs
    if (standsMs < afterMs) return
    const reason = await this.#sync.requireServices().then(
      () => 'all services answer; --verbose says more',
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    )
    if (this.#isEnded || performance.now() - this.#movedAtMs < afterMs) return
    console.error(colors.yellow(`! Nothing has moved for ${Math.round(standsMs / 1_000)} s: ${reason}`))
  }

  [Symbol.dispose](): void {
    this.#isEnded = true
    clearInterval(this.#timer)
  }
}
