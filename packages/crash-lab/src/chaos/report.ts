import Table from 'cli-table3'
import type { ScenarioResult } from './scenario.ts'

const megabyte = 2 ** 20

/** Formats one line per scenario with its result. */
export function scenarioTable(results: readonly ScenarioResult[]): string {
  const table = new Table({
    head: [
      'scenario',
      'what was done',
      'writes',
      'rejected',
      'converged in',
      'then indexed in',
      'RSS, heap',
      '',
    ],
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right', 'right', 'left'],
    style: { head: [], border: [], compact: true },
  })
  for (const result of results) table.push(cellsOf(result))
  return table.toString()
}

function cellsOf({
  scenario,
  what,
  counts,
  convergedMs,
  indexedMs,
  growth,
  failed,
}: ScenarioResult): string[] {
  return [
    scenario.name,
    what,
    String(counts.done),
    String(rejections(counts)),
    convergedMs === undefined ? '' : seconds(convergedMs),
    indexedMs === undefined ? '' : seconds(indexedMs),
    growth === undefined ? '' : `${megabytes(growth.rss)}, ${megabytes(growth.heap)} MB`,
    failed === undefined ? 'passed' : 'FAILED',
  ]
}

/** Formats a result as one line, with the reasons for rejected writes. */
export function scenarioLine({ scenario, counts, convergedMs = 0, failed }: ScenarioResult): string {
  const reasons = [...counts.rejected].map(([reason, count]) => `${count} × ${reason}`)
  const writes = [
    `${counts.done} written`,
    ...reasons,
    ...(counts.cutOff > 0 ? [`${counts.cutOff} cut off`] : []),
  ]
  const what = failed === undefined ? `converged in ${seconds(convergedMs)}` : `FAILED: ${failed.reason}`
  return `${scenario.name}: ${what} (${writes.join(', ')})`
}

/** Formats all known details of each failure, and the command that repeats it. */
export function scenarioFailures(results: readonly ScenarioResult[], options: string): string {
  return results
    .flatMap(({ scenario, failed }) => {
      if (failed === undefined) return []
      const again = `npm run chaos -- ${options} --only ${scenario.name}`
      return [`FAILED ${scenario.name}\n${failed.reason}\n${failed.details}\nAgain: ${again}\n`]
    })
    .join('\n')
}

/** Formats the last line of the output. */
export function scenarioVerdict(results: readonly ScenarioResult[]): string {
  const failed = results.filter((result) => result.failed !== undefined).length
  return `${results.length - failed} passed, ${failed} failed`
}

function rejections({ rejected }: ScenarioResult['counts']): number {
  return [...rejected.values()].reduce((sum, count) => sum + count, 0)
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}

function megabytes(bytes: number): string {
  const rounded = Math.round(bytes / megabyte)
  return rounded > 0 ? `+${rounded}` : String(rounded)
}
