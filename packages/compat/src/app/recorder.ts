import type { Agent } from './agent.ts'
import { comparable, comparableError } from './comparable.ts'
import type { Outcome } from './report.ts'

export interface RecordOptions {
  readonly mustFail?: boolean
}

/** When so many writes have failed that must not, the others need not be tried: each may take seconds to fail. */
const enough = 5

/** Notes what becomes of each write of a run. */
export class Recorder {
  readonly outcomes: Outcome[] = []
  readonly #agent: Agent
  #failures = 0

  constructor(agent: Agent) {
    this.#agent = agent
  }

  /** Makes a write and notes its outcome. It rejects only when too many have failed. */
  async record(name: string, write: () => Promise<unknown>, options: RecordOptions = {}): Promise<void> {
    const { mustFail = false } = options
    // Writers at the same time end in any order, and begin in one.
    const index = this.outcomes.push({ name, result: 'not done', failed: true, mustFail }) - 1
    try {
      const result = comparable(await this.#agent.trace(name, write))
      this.outcomes[index] = { name, result, failed: false, mustFail }
    } catch (error) {
      this.outcomes[index] = { name, result: comparableError(error), failed: true, mustFail }
      if (mustFail || ++this.#failures < enough) return
      throw new Error(`The writes fail, such as: ${name}`, { cause: error })
    }
  }
}
