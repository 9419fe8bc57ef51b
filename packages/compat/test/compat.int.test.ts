import { beforeAll, expect, test } from 'vitest'
import { allCases } from '../src/cases/index.ts'
import { pack } from '../src/run/pack.ts'
import type { Tarballs } from '../src/run/pack.ts'
import { runCases } from '../src/run/run-cases.ts'
import { failureReport } from '../src/run/summary.ts'

/** One case of each kind. A problem with the other cases usually breaks one of these too. */
const shortForm = new Set(['otel', 'dd-trace', 'esbuild-cjs', 'jest-babel'])

let tarballs: Tarballs
beforeAll(async () => {
  tarballs = await pack(new AbortController().signal)
}, 180_000)

test(
  'writes succeed as without a stream, and are indexed, under agents, in a bundle and in Jest',
  { timeout: 600_000 },
  async ({ signal }) => {
    const cases = allCases.filter(({ name }) => shortForm.has(name))
    const results = await runCases(cases, { tarballs, lanes: 2, signal, onResult: () => undefined })
    expect(failureReport(results)).toBe('')
    expect(
      results.map(({ name, writes, documents }) => ({ name, isAlive: writes > 129 && documents > 100 })),
    ).toEqual(cases.map(({ name }) => ({ name, isAlive: true })))
  },
)
