import type { Agent } from './agent.ts'
import { comparable, comparableError } from './comparable.ts'
import type { Outcome } from './report.ts'

export interface RecordOptions {
  readonly mustFail?: boolean
}

/** Stops after this many unexpected failures, because each may take seconds. */
const enough = 5

/** Records the result of each write of a run. */
export class Recorder {
  readonly outcomes: Outcome[] = []
  readonly #agent: Agent
  #failures = 0

  constructor(agent: Agent) {
    this.#agent = agent
  }

  /** Makes a write and records its result. Rejects only after too many failures. */
  async record(name: string, write: () => Promise<unknown>, options: RecordOptions = {}): Promise<void> {
    const { mustFail = false } = options
    // Concurrent writers start in a fixed order and end in any order.
    const index = this.outcomes.push({ name, result: 'not done', failed: true, mustFail }) - 1
    try {
      const result = comparable(await this.#agent.trace(name, write))
      this.outcomes[index] = { name, result, failed: false, mustFail }
    } catch (error) {
      this.outcomes[index] = { name, result: comparableError(error), failed: true, mustFail }
      if (mustFail || ++this.#failures < enough) return
      throw new Error(`Too many writes fail, for example: ${name}`, { cause: error })
    }
  }
}
