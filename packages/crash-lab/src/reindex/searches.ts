import { setTimeout } from 'node:timers/promises'
import { errorFields } from '@kt/core'
import { steadyProducts } from './lab.ts'
import type { Lab } from './lab.ts'

/** Searches that go on all the time, and must find all products that are never deleted. */
export class Searches {
  readonly #lab: Lab
  readonly #stopping = new AbortController()
  readonly #running: Promise<void>
  readonly failures: string[] = []
  count = 0

  constructor(lab: Lab) {
    this.#lab = lab
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { client, settings } = this.#lab
    for (; !this.#stopping.signal.aborted; await setTimeout(10)) {
      this.count++
      try {
        const query = { range: { id: { lte: steadyProducts } } }
        const { count } = await client.count({ index: settings.alias, query })
        if (count !== steadyProducts) this.failures.push(`found ${count} of ${steadyProducts}`)
      } catch (error) {
        this.failures.push(JSON.stringify(errorFields(error)))
      }
    }
  }
}
