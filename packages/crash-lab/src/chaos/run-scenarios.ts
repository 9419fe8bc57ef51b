import { RolePool } from '../harness/role-pool.ts'
import { whenAborted } from '../harness/when-aborted.ts'
import { derivedSeed } from '../writes/random.ts'
import { runScenario } from './run-scenario.ts'
import type { ScenarioOptions } from './run-scenario.ts'
import type { Scenario, ScenarioResult } from './scenario.ts'
import type { KafkaKind } from './services.ts'

export interface RunScenariosOptions extends Omit<ScenarioOptions, 'pool'> {
  readonly signal: AbortSignal
  readonly onBegin: (scenario: Scenario) => void
  readonly onResult: (result: ScenarioResult) => void
}

const kinds: readonly KafkaKind[] = ['single', 'proxied', 'replicated']

/** Runs the scenarios in sequence, and continues after a failure. Resolves with the results in the same order. */
export async function runScenarios(
  scenarios: readonly Scenario[],
  { signal, onBegin, onResult, ...options }: RunScenariosOptions,
): Promise<ScenarioResult[]> {
  await using pool = new RolePool(2)
  const results: ScenarioResult[] = []
  const interrupted = whenAborted(signal)
  // Start each kind of Kafka only once.
  const sorted = kinds.flatMap((kind) => scenarios.filter(({ kafka = 'single' }) => kafka === kind))
  for (const scenario of sorted) {
    if (signal.aborted) break
    onBegin(scenario)
    const seed = derivedSeed(options.seed, hash(scenario.name))
    // The services and processes are ended under a scenario that is interrupted; its result is not waited for.
    const result = await Promise.race([runScenario(scenario, { ...options, pool, seed }), interrupted])
    if (result === undefined) break
    results.push(result)
    onResult(result)
  }
  return results
}

/** Makes the writes of a scenario independent of which other scenarios run. */
function hash(name: string): number {
  return Buffer.from(name).reduce((sum, byte) => (Math.imul(sum, 31) + byte) | 0, 0)
}
