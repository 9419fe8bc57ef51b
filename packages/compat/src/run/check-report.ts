import type { Case } from '../cases/case.ts'
import type { Evidence, Report } from '../app/report.ts'

/** Returns the problems with the writes and the agent in the application's report. */
export function checkReport(each: Case, report: Report, delayMs: number): string[] {
  return [
    ...checkOutcomes(report),
    ...checkIdleTimeouts(report, delayMs),
    ...(report.delayed === 0 ? [] : [`${report.delayed} delay messages were not re-sent`]),
    ...checkEvidence(each, report),
    ...(report.statement.includes(each.comment ?? '')
      ? []
      : [`statements have no ${each.comment}: ${report.statement}`]),
  ]
}

function checkEvidence({ evidence = [], equalEvidence = [] }: Case, report: Report): string[] {
  const { plain, streamed } = report.evidenceOfWrites
  const count = (seen: Evidence, what: string): number => seen[what] ?? 0
  return [
    ...evidence
      .filter((what) => count(report.evidence, what) === 0)
      .map((what) => `the agent saw no ${what}, but ${JSON.stringify(report.evidence)}`),
    ...equalEvidence
      .filter((what) => count(plain, what) === 0 || count(streamed, what) < count(plain, what))
      .map(
        (what) =>
          `the agent saw ${count(plain, what)} ${what} without a stream, ${count(streamed, what)} with one`,
      ),
  ]
}

function checkOutcomes({ plain, streamed }: Report): string[] {
  const wrong = plain.flatMap(({ name, result, failed, mustFail }) =>
    failed === mustFail ? [] : [`${name}, without a stream: ${result}`],
  )
  const different = plain.flatMap((outcome, index) => {
    const other = streamed[index]
    if (other?.name === outcome.name && other.result === outcome.result) return []
    return [`${outcome.name}: ${outcome.result} without a stream, ${other?.result ?? 'nothing'} with one`]
  })
  return [...wrong, ...different]
}

/** Parses PostgreSQL's format of an interval: `2s`, `500ms`. */
function checkIdleTimeouts({ idleTimeouts }: Report, delayMs: number): string[] {
  return Object.entries(idleTimeouts).flatMap(([where, text]) => {
    const [, count = '0', unit = ''] = /^(\d+)(ms|s|min)?$/.exec(text) ?? []
    const ms = Number(count) * (unit === 's' ? 1_000 : unit === 'min' ? 60_000 : 1)
    return ms > 0 && ms < delayMs
      ? []
      : [`idle_in_transaction_session_timeout is ${text} ${where}, with a delay of ${delayMs} ms`]
  })
}
