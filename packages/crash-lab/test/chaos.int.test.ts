import { afterAll, beforeAll, expect, test } from 'vitest'
import { scenarioFailures } from '../src/chaos/report.ts'
import { runScenarios } from '../src/chaos/run-scenarios.ts'
import { ChaosServices } from '../src/chaos/services.ts'
import { shortForm } from '../src/chaos/short-form.ts'

const seed = 20_260_101

let services: ChaosServices
beforeAll(async () => {
  services = await ChaosServices.open(() => undefined)
})
afterAll(() => services?.close())

test('the index equals the database soon after any outage under load', { timeout: 300_000 }, async () => {
  const results = await runScenarios([shortForm], {
    services,
    outageMs: 3_000,
    delayMs: 4_000,
    seed,
    signal: new AbortController().signal,
    onBegin: () => undefined,
    onResult: () => undefined,
  })
  expect(scenarioFailures(results, `--seed ${seed}`)).toBe('')
  const [result] = results
  expect(result?.counts.done).toBeGreaterThan(100)
  expect(result?.counts.rejected.get('KT_DELAY_NOT_ACKNOWLEDGED')).toBeGreaterThan(0)
})
