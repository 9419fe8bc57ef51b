import { backoff } from '@kt/core'

const waitBefore = backoff({ initialMs: 200, maxMs: 5_000 })

interface Pause {
  readonly attempts: number
  readonly untilMs: number
}

/** The topics that took nothing when it was last tried. Each waits for itself, so that one can't hold up the others. */
export class TopicPauses {
  readonly #pauses = new Map<string, Pause>()

  get topics(): readonly string[] {
    return [...this.#pauses.keys()]
  }

  /** Those that may be tried again. */
  get due(): readonly string[] {
    const nowMs = performance.now()
    return [...this.#pauses].filter(([, { untilMs }]) => untilMs <= nowMs).map(([topic]) => topic)
  }

  /** How long until the first is due; undefined when none is paused. */
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

  /** Lets all be tried at once. */
  makeDue(): void {
    for (const [topic, { attempts }] of this.#pauses) this.#pauses.set(topic, { attempts, untilMs: 0 })
  }
}
