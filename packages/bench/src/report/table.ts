import Table from 'cli-table3'
import type { Bound } from '../benchmark.ts'
import type { JudgedResult } from './result.ts'

/** Formats one line per result. */
export function resultTable(results: readonly JudgedResult[]): string {
  const table = new Table({
    head: ['benchmark', 'case', 'ours', 'baseline', 'unit', 'ratio', 'must be', '', 'runs'],
    colAligns: ['left', 'left', 'right', 'right', 'left', 'right', 'right', 'left', 'right'],
    style: { head: [], border: [], compact: true },
  })
  for (const { result, case: each, reached } of results)
    table.push([
      result.name,
      result.case,
      round(result.ours),
      result.baseline === null ? '–' : round(result.baseline),
      result.unit,
      result.ratio === null ? '–' : result.ratio.toFixed(2),
      boundText(each.bound),
      reached ? 'reached' : 'MISSED',
      String(result.runs),
    ])
  return table.toString()
}

function boundText(bound: Bound): string {
  return 'atLeast' in bound ? `≥ ${bound.atLeast}` : `≤ ${bound.atMost}`
}

function round(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3)
}
