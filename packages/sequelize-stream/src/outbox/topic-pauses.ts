import { backoff } from '@kt/core/internal'

const waitBefore = backoff({ initialMs: 200, maxMs: 5_000 })

interface Pause {
  readonly attempts: number
  readonly untilMs: number
}

/** Pauses topics whose last attempt failed. Each topic has its own pause, so that one can't delay the others. */
export class TopicPauses {
  readonly #pauses = new Map<string, Pause>()

  get topics(): readonly string[] {
    return [...this.#pauses.keys()]
  }

  /** The paused topics that may be tried again. */
  get due(): readonly string[] {
    const nowMs = performance.now()
    return [...this.#pauses].filter(([, { untilMs }]) => untilMs <= nowMs).map(([topic]) => topic)
  }

  /** Time until the first topic may be tried again; undefined when none is paused. */
  get waitMs(): number | undefined {
    if (this.#pauses.size === 0) return undefined
    const firstMs = Math.min(...[...this.#pauses.values()].map(({ untilMs }) => untilMs))
    return Math.max(0, firstMs - performance.now())
  }

  pause(topic: string): void {
    const attempts = (this.#pauses.get(topic)?.attempts ?? 0) + 1
    this.#pauses.set(topic, { attempts, untilMs: performance.now() + waitBefore(attempts) })
  }

  end(topic: string): void {
    this.#pauses.delete(topic)
  }

  /** Ends all pauses. */
  makeDue(): void {
    for (const [topic, { attempts }] of this.#pauses) this.#pauses.set(topic, { attempts, untilMs: 0 })
  }
}
