import type { ApplyOptions, ApplyResult } from '@kt/sync'
import type { Session } from '../session.ts'
import { Progress, rateText } from '../output/progress.ts'
import type { ProgressBar } from '../output/progress.ts'

export type BuildOptions = Pick<ApplyOptions, 'replaceIndex' | 'newDatabase' | 'olderVersion' | 'indexes'>

/** Applies the configuration, with a bar per index. */
export async function buildIndexes(
  { sync, output, signal }: Session,
  options: BuildOptions,
): Promise<ApplyResult> {
  using progress = new Progress(sync)
  const bars = new Map<string, ProgressBar>()
  const results = await sync.apply({
    ...options,
    signal,
    onTopic: ({ topic }) => output.line(`Created the topic ${topic}`),
    onProgress: (alias, { step, ...rest }) => {
      const bar = bars.get(alias) ?? progress.add(alias)
      bars.set(alias, bar)
      const text = [step, rateText(rest)].filter((each) => each !== '').join(': ')
      bar.update({ ...rest, text })
    },
  })
  for (const [alias, bar] of bars) if (results.has(alias)) bar.update({ done: 1, total: 1, text: 'done' })
  return results
}

export function resultLine(
  alias: string,
  {
    changed,
    generation,
    report,
  }: {
    readonly changed: boolean
    readonly generation: string
    readonly report?: { readonly documents: number }
  },
): string {
  if (!changed) return `${alias}: as wanted (${generation})`
  const compared =
    report === undefined
      ? ''
      : `, ${report.documents.toLocaleString('en')} documents compared with their records`
  return `${alias}: now ${generation}${compared}`
}
