import { randomInt } from 'node:crypto'
import { Command, InvalidArgumentError } from 'commander'
import { stderrProgress } from 'testkit'
import { scenarioFailures, scenarioLine, scenarioTable, scenarioVerdict } from './chaos/report.ts'
import { runScenarios } from './chaos/run-scenarios.ts'
import { scenarios } from './chaos/scenarios/index.ts'
import { ChaosServices } from './chaos/services.ts'

interface Options {
  readonly only?: RegExp
  readonly outageSeconds: number
  readonly delay: number
  readonly seed?: number
  readonly list: boolean
}

const program = new Command('chaos')
  .description(
    'Breaks Kafka, Elasticsearch, PostgreSQL and the network between them under a steady load of writes, and ' +
      'compares every row with every document after the recovery. It starts its own services.',
  )
  .option(
    '--only <pattern>',
    'only scenarios with a matching name, such as kafka-killed or ^postgres',
    toPattern,
  )
  .option('--outage-seconds <n>', 'how long each outage lasts', toCount, 30)
  .option('--delay <ms>', 'the delay of delay messages; the producer timeout is 40 % of it', toCount, 12_500)
  .option('--seed <n>', 'repeats the writes of this seed (default: a random seed)', toCount)
  .option('--list', 'prints the names of the chosen scenarios and exits', false)
  .action(main)

const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort())
await program.parseAsync()
// An interrupted run may still wait for a service that is gone.
if (interrupted.signal.aborted) process.exit(1)

async function main({ only, outageSeconds, delay, seed = randomInt(2 ** 32), list }: Options): Promise<void> {
  const chosen = scenarios.filter(({ name }) => only?.test(name) ?? true)
  if (list) return print(chosen.map(({ name }) => name).join('\n'))
  if (chosen.length === 0) program.error('No scenario has such a name: see --list')
  await using services = await ChaosServices.open(stderrProgress)
  stderrProgress(`${chosen.length} scenarios, seed ${seed}`)
  const results = await runScenarios(chosen, {
    services,
    outageMs: outageSeconds * 1_000,
    delayMs: delay,
    seed,
    signal: interrupted.signal,
    onBegin: ({ name, what }) => stderrProgress(`${name}: ${what(outageSeconds)}`),
    onResult: (result) => stderrProgress(scenarioLine(result)),
  })
  print(scenarioTable(results))
  print(scenarioFailures(results, `--seed ${seed} --outage-seconds ${outageSeconds} --delay ${delay}`))
  print(scenarioVerdict(results))
  if (results.length < chosen.length || results.some(({ failed }) => failed !== undefined))
    process.exitCode = 1
}

function print(text: string): void {
  if (text !== '') process.stdout.write(`${text}\n`)
}

function toCount(value: string): number {
  const count = Number(value)
  if (Number.isSafeInteger(count) && count > 0) return count
  throw new InvalidArgumentError('It must be a whole number above 0.')
}

function toPattern(value: string): RegExp {
  return new RegExp(value)
}
