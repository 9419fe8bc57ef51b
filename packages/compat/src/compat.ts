import { Command, InvalidArgumentError } from 'commander'
import { findAddress, startServices, stderrProgress } from 'testkit'
import type { ServiceName } from 'testkit'
import { allCases } from './cases/index.ts'
import type { Case } from './cases/index.ts'
import { pack } from './run/pack.ts'
import { runCases } from './run/run-cases.ts'
import type { CaseResult } from './run/run-case.ts'
import { failureReport, resultLine, verdict } from './run/summary.ts'

interface Options {
  readonly lanes: number
  readonly list: boolean
}

const program = new Command('compat')
  .description(
    'Installs the packed packages into plain applications and runs them with the tools that production uses, on real ' +
      'Kafka, Elasticsearch and PostgreSQL. All writes must succeed as they do without a stream, and all documents ' +
      'must equal their rows.',
  )
  .argument('[names...]', 'only cases whose names contain one of these, such as otel or dd-trace')
  .option('--lanes <n>', 'number of parallel cases', toCount, 2)
  .option('--list', 'prints the chosen cases and exits', false)
  .addHelpText(
    'after',
    '\nUses the services at KT_KAFKA_BROKERS, KT_ELASTICSEARCH_URL and KT_DATABASE_URL, and starts those not set.',
  )
  .action(main)

await program.parseAsync()

async function main(names: readonly string[], { lanes, list }: Options): Promise<void> {
  const cases = allCases.filter(({ name }) => names.length === 0 || names.some((each) => name.includes(each)))
  if (cases.length === 0) program.error('No case has such a name: see --list')
  if (list) return print(cases.map(({ name, what }) => `${name.padEnd(24)} ${what}`).join('\n'))
  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort())
  const results = await run(cases, lanes, interrupted.signal).catch((error: unknown) => {
    if (interrupted.signal.aborted) return []
    return program.error(error instanceof Error ? error.message : String(error))
  })
  print(failureReport(results))
  if (interrupted.signal.aborted) print(`Interrupted: ${results.length} of ${cases.length} cases were run`)
  print(verdict(results))
  if (results.length < cases.length || results.some(({ failures }) => failures.length > 0))
    process.exitCode = 1
}

async function run(cases: readonly Case[], lanes: number, signal: AbortSignal): Promise<CaseResult[]> {
  const needed = (['kafka', 'elasticsearch', 'database'] satisfies ServiceName[]).filter(
    (name) => findAddress(name) === undefined,
  )
  await using services = await startServices({ services: needed, onProgress: stderrProgress, signal })
  Object.assign(process.env, services.environment)
  stderrProgress('Building and packing the packages')
  const tarballs = await pack(signal)
  let count = 0
  // Awaited here, because the services are closed when this function returns.
  return await runCases(cases, {
    tarballs,
    lanes,
    signal,
    onResult: (result) => {
      count += 1
      print(`${`${count}/${cases.length}`.padStart(5)} ${resultLine(result)}`)
    },
  })
}

function print(text: string): void {
  if (text !== '') process.stdout.write(`${text}\n`)
}

function toCount(value: string): number {
  const count = Number(value)
  if (Number.isSafeInteger(count) && count > 0) return count
  throw new InvalidArgumentError('It must be a whole number above 0.')
}
