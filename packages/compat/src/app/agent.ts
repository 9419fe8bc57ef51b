import type { Evidence } from './report.ts'

/** The interface that an APM agent's start file provides for the application. */
export interface Agent {
  /** Does the work as one request or job of the application, which agents trace. */
  trace<T>(name: string, work: () => Promise<T>): Promise<T>
  /** Counts what the agent has seen, by kind. */
  evidence(): Evidence
  /** Sends the remaining data at the end. */
  flush?(): Promise<unknown>
}

const noAgent: Agent = { trace: (_, work) => work(), evidence: () => ({}) }

export function findAgent(): Agent {
  return (globalThis as { compatAgent?: Agent }).compatAgent ?? noAgent
}

/** Returns what the agent has seen between two measurements. */
export function evidenceBetween(before: Evidence, after: Evidence): Evidence {
  return Object.fromEntries(Object.entries(after).map(([what, count]) => [what, count - (before[what] ?? 0)]))
}
