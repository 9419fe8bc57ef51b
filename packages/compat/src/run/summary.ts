import type { CaseResult } from './run-case.ts'

const longest = 300
const shown = 5
const outputLines = 15

/** Formats one line with the case and its result. */
export function resultLine({ name, writes, documents, seconds, failures }: CaseResult): string {
  const [first] = failures
  const outcome =
    first === undefined ? `${writes} writes, ${documents} documents` : `FAILED: ${shorten(first)}`
  return `${name.padEnd(24)} ${seconds.toFixed(1).padStart(5)} s  ${outcome}`
}

/** Formats all known details of each failure, and the command that repeats it. */
export function failureReport(results: readonly CaseResult[]): string {
  return results
    .filter(({ failures }) => failures.length > 0)
    .map(({ name, failures, output }) =>
      [
        `FAILED ${name}: ${failures.length} findings`,
        ...failures.slice(0, shown).map((each) => `  ${shorten(each)}`),
        ...output
          .trimEnd()
          .split('\n')
          .slice(-outputLines)
          .map((line) => `  | ${shorten(line)}`),
        `Again: npm run compat -- ${name}`,
        '',
      ].join('\n'),
    )
    .join('\n')
}

/** Formats the last line of the output. */
export function verdict(results: readonly CaseResult[]): string {
  const passed = results.filter(({ failures }) => failures.length === 0).length
  return `${passed} passed, ${results.length - passed} failed`
}

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length > longest ? `${line.slice(0, longest)}…` : line
}
