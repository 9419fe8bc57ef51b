import Table from 'cli-table3'
import type { CellResult } from '../matrix/cell.ts'

/** Formats one line per kill with its result. */
export function resultTable(results: readonly CellResult[]): string {
  const table = new Table({
    head: ['', 'killed', 'where', 'writes', 'what came of it', 'all back after', 'converged in'],
    colAligns: ['right', 'left', 'left', 'left', 'left', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  })
  results.forEach((result, index) => table.push([String(index + 1), ...cellsOf(result)]))
  return table.toString()
}

function cellsOf({ cell, passed, failed }: CellResult): string[] {
  const what = [cell.victim, cell.where, cell.writes]
  if (passed === undefined) return [...what, `FAILED: ${shorten(failed?.reason ?? '')}`, '', '']
  return [...what, passed.outcome, milliseconds(passed.restartMs), milliseconds(passed.convergeMs)]
}

const longest = 100

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length > longest ? `${line.slice(0, longest)}…` : line
}

function milliseconds(ms: number): string {
  return `${Math.round(ms)} ms`
}
