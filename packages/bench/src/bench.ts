import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { inspect } from 'node:util'
import { Command, InvalidArgumentError } from 'commander'
import { createTestScope, stderrProgress } from 'testkit'
import type { Benchmark, Sample } from './benchmark.ts'
import { benchmarks } from './benchmarks/index.ts'
import { taskRunner, turnTaker, workerStarter } from './harness/run-task.ts'
import { openServices } from './harness/services.ts'
import { judge } from './report/result.ts'
import type { JudgedResult } from './report/result.ts'
import { resultTable } from './report/table.ts'

interface Options {
  readonly runs: number
  readonly case?: RegExp
  readonly json?: string
  readonly profile?: string
  readonly list: boolean
}

const program = new Command('bench')
  .description('Compares the packages with baselines, in the same run and on the same services.')
  .argument('[names...]', 'the benchmarks to run (default: all except those on request; see --list)')
  .option('--runs <n>', 'how often each is run; the table shows the medians', toCount, 3)
  .option('--case <pattern>', 'only cases with a matching name, such as "create 16"', toPattern)
  .option('--json <file>', 'also writes the results to a file')
  .option('--profile <folder>', 'writes a CPU profile of every measured process')
  .option('--list', 'prints the benchmarks and exits', false)
  .addHelpText(
    'after',
    '\nUses the services at KT_KAFKA_BROKERS, KT_ELASTICSEARCH_URL and KT_DATABASE_URL, and starts those not set.',
  )
  .action(main)

await program.parseAsync()

async function main(names: readonly string[], options: Options): Promise<void> {
  const unknown = names.filter((name) => !benchmarks.some((each) => each.name === name))
  if (unknown.length > 0) program.error(`There is no benchmark "${unknown.join('", "')}": see --list`)
  if (options.list)
    return print(
      benchmarks
        .filter(({ name }) => isNamed(name, names))
        .map(line)
        .join('\n'),
    )
  const chosen = benchmarks.filter(
    ({ name, onRequest }) => names.includes(name) || (names.length === 0 && !onRequest),
  )
  const databaseSettings = Object.fromEntries(
    chosen.flatMap((each) => Object.entries(each.databaseSettings ?? {})),
  )
  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort())
  await using _services = await openServices(stderrProgress, databaseSettings)
  const results: JudgedResult[] = []
  for (const benchmark of chosen) {
    if (interrupted.signal.aborted) break
    try {
      results.push(...judge(benchmark, await runAll(benchmark, options, interrupted.signal)))
    } catch (error) {
      process.exitCode = 1
      if (!interrupted.signal.aborted) stderrProgress(`${benchmark.name} failed: ${inspect(error)}`)
    }
    if (options.json !== undefined)
      await writeFile(
        options.json,
        `${JSON.stringify(
          results.map(({ result }) => result),
          undefined,
          2,
        )}\n`,
      )
  }
  if (interrupted.signal.aborted) process.exitCode = 1
  print(resultTable(results))
}

async function runAll(benchmark: Benchmark, options: Options, signal: AbortSignal): Promise<Sample[]> {
  const { runs, profile } = options
  const taskOptions = { signal, ...(profile !== undefined && { profile: resolve(profile) }) }
  stderrProgress(`${benchmark.name}: ${benchmark.what}`)
  await using scope = await createTestScope(`bench-${benchmark.name}`)
  const { brokers, elasticsearchUrl, databaseUrl } = scope
  const samples: Sample[] = []
  const stage = {
    scope,
    addresses: { brokers, elasticsearchUrl, databaseUrl },
    runs,
    wants: (caseName: string) => options.case?.test(caseName) ?? true,
    task: taskRunner(taskOptions),
    inTurns: turnTaker(taskOptions),
    worker: workerStarter(taskOptions),
    progress: (text: string) => stderrProgress(`  ${text}`),
  }
  for await (const sample of benchmark.run(stage)) {
    samples.push(sample)
    const { baseline, ours } = sample
    const beside = baseline === null ? '' : ` versus ${baseline.toFixed(1)}: ${(ours / baseline).toFixed(2)}`
    stage.progress(`${sample.case}: ${ours.toFixed(1)}${beside}`)
  }
  return samples
}

function isNamed(name: string, names: readonly string[]): boolean {
  return names.length === 0 || names.includes(name)
}

function line({ name, what, onRequest }: Benchmark): string {
  return `${name}${onRequest === true ? ' (on request)' : ''}: ${what}`
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

function toPattern(value: string): RegExp {
  return new RegExp(value)
}

function toCount(value: string): number {
  const count = Number(value)
  if (Number.isSafeInteger(count) && count > 0) return count
  throw new InvalidArgumentError('It must be a whole number above 0.')
}
