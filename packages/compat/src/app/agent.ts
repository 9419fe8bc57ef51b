import type { Evidence } from './report.ts'

/** What the file that starts an APM agent leaves for the application. */
export interface Agent {
  /** Does the work as one request or job of the application, which agents make a trace of. */
  trace<T>(name: string, work: () => Promise<T>): Promise<T>
  /** How much the agent has seen, by what it is. */
  evidence(): Evidence
  /** Sends what it has not sent, at the end. */
  flush?(): Promise<unknown>
}

const noAgent: Agent = { trace: (_, work) => work(), evidence: () => ({}) }

export function findAgent(): Agent {
  return (globalThis as { compatAgent?: Agent }).compatAgent ?? noAgent
}

/** What has been seen between two looks. */
export function evidenceBetween(before: Evidence, after: Evidence): Evidence {
  return Object.fromEntries(Object.entries(after).map(([what, count]) => [what, count - (before[what] ?? 0)]))
}
