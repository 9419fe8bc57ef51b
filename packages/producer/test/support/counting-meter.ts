import type { Meter, MetricLabels } from '@kt/core'

/** Adds up counters by name and topic. */
export class CountingMeter implements Meter {
  readonly #sums = new Map<string, number>()

  add(name: string, value: number, labels?: MetricLabels): void {
    const key = `${name} ${labels?.['topic']}`
    this.#sums.set(key, (this.#sums.get(key) ?? 0) + value)
  }

  record(): void {
    // Distributions are ignored.
  }

  sum(name: string, topic: string): number {
    return this.#sums.get(`${name} ${topic}`) ?? 0
  }
}
