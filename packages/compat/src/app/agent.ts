/** What the file that starts an APM agent leaves for the application. */
export interface Agent {
  /** Does the work as one request or job of the application, which agents make a trace of. */
  trace<T>(name: string, work: () => Promise<T>): Promise<T>
  /** How much the agent has seen, by what it is. */
  evidence(): Record<string, number> | Promise<Record<string, number>>
}

const noAgent: Agent = { trace: (_, work) => work(), evidence: () => ({}) }

export function findAgent(): Agent {
  return (globalThis as { compatAgent?: Agent }).compatAgent ?? noAgent
}
