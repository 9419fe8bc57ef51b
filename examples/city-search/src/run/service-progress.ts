import type { ProgressBar, ProgressBars } from './progress-bars.ts'

/** Approximate number of files per service, so a download's bar ends only approximately at its end. */
const files = 50

/** Shows the testkit's progress lines (`Kafka 4.3.1: 12 downloaded, …`, `Kafka: starting`) as one bar per service. */
export function serviceProgress(bars: ProgressBars): (line: string) => void {
  const barOf = new Map<string, ProgressBar>()
  return (line) => {
    const [, name, text] = /^(\w+)[^:]*: (.*)$/.exec(line) ?? []
    if (name === undefined || text === undefined) return
    const bar = barOf.get(name) ?? bars.add(name)
    barOf.set(name, bar)
    bar.update(stepOf(text), files + 2, text)
  }
}

function stepOf(text: string): number {
  if (text.startsWith('ready')) return files + 2
  if (text.startsWith('starting')) return files + 1
  if (text.startsWith('compiling')) return files
  const downloaded = /^(\d+) downloaded/.exec(text)?.[1]
  return Math.min(Number(downloaded ?? 0), files)
}
