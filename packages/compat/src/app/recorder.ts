import type { Agent } from './agent.ts'
import { comparable, comparableError } from './comparable.ts'
import type { Outcome } from './report.ts'

export interface RecordOptions {
  readonly mustFail?: boolean
}

/** Notes what becomes of each write of a run. */
export class Recorder {
  readonly outcomes: Outcome[] = []
  readonly #agent: Agent

  constructor(agent: Agent) {
    this.#agent = agent
  }

  /** Makes a write and notes its outcome; it never rejects. */
  async record(name: string, write: () => Promise<unknown>, options: RecordOptions = {}): Promise<void> {
    const { mustFail = false } = options
    // Writers at the same time end in any order, and begin in one.
    const index = this.outcomes.push({ name, result: 'not done', failed: true, mustFail }) - 1
    try {
      const result = comparable(await this.#agent.trace(name, write))
      this.outcomes[index] = { name, result, failed: false, mustFail }
    } catch (error) {
      this.outcomes[index] = { name, result: comparableError(error), failed: true, mustFail }
    }
  }
}
