import { randomInt } from 'node:crypto'
import { Command, InvalidArgumentError } from 'commander'
import { stderrProgress } from 'testkit'
import { openServices } from './harness/services.ts'
import type { Cell, CellResult } from './matrix/cell.ts'
import { matrixCells } from './matrix/cells.ts'
import { runCells } from './matrix/run-cells.ts'
import { roundCell } from './random/round.ts'
import { failures, timings, verdict } from './report/summary.ts'
import { resultTable } from './report/table.ts'

interface Options {
  readonly rounds: number
  readonly seed?: number
  readonly only?: RegExp
  readonly lanes: number
  readonly delay: number
  readonly list: boolean
}

const program = new Command('crash-matrix')
  .description(
    'Kills real processes at every critical point, on real Kafka, Elasticsearch and PostgreSQL, and then compares ' +
      'every row with every document.',
  )
  .option('--rounds <n>', 'how many random rounds run after the matrix', toCount, 200)
  .option('--seed <n>', 'repeats the random rounds of this seed (default: a random seed)', toCount)
  .option(
    '--only <pattern>',
    'only experiments with a matching name, such as writer/commit or round/17$',
    toPattern,
  )
  .option('--lanes <n>', 'how many experiments run at a time', toCount, 3)
  .option('--delay <ms>', 'the delay of delay messages', toCount, 2_000)
  .option('--list', 'prints the names of the chosen experiments and exits', false)
  .addHelpText(
    'after',
    '\nUses the services at KT_KAFKA_BROKERS, KT_ELASTICSEARCH_URL and KT_DATABASE_URL, and starts those not set.',
  )
  .action(main)

const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort())
await program.parseAsync()
// An interrupted run may still wait for a service that is gone.
if (interrupted.signal.aborted) process.exit(1)

async function main(options: Options): Promise<void> {
  const { seed = randomInt(2 ** 32) } = options
  const cells = chosenCells(options, seed)
  if (options.list) return print(cells.map(({ name }) => name).join('\n'))
  if (cells.length === 0) program.error('No experiment has such a name: see --list')
  await using _services = await openServices({ onProgress: stderrProgress })
  stderrProgress(`${cells.length} experiments, seed ${seed}`)
  const results = await runCells(cells, {
    lanes: options.lanes,
    delayMs: options.delay,
    signal: interrupted.signal,
    onResult: progressOf(cells.length),
  })
  print(resultTable(results))
  print(timings(results, options.delay))
  print(failures(results, { seed, rounds: options.rounds }))
  print(verdict(results))
  if (results.length < cells.length || results.some(({ failed }) => failed !== undefined))
    process.exitCode = 1
}

function chosenCells({ rounds, only }: Options, seed: number): Cell[] {
  const all = [...matrixCells(), ...Array.from({ length: rounds }, (_, index) => roundCell(seed, index + 1))]
  return only === undefined ? all : all.filter(({ name }) => only.test(name))
}

function progressOf(total: number): (result: CellResult) => void {
  let count = 0
  return ({ cell, passed, failed }) => {
    count += 1
    const ms = passed === undefined ? 0 : Math.round(passed.convergeMs)
    const what = failed === undefined ? `converged in ${ms} ms` : `FAILED: ${failed.reason}`
    stderrProgress(`${count}/${total} ${cell.name}: ${what}`)
  }
}

function print(text: string): void {
  if (text !== '') process.stdout.write(`${text}\n`)
}

function toCount(value: string): number {
  const count = Number(value)
  if (Number.isSafeInteger(count) && count >= 0) return count
  throw new InvalidArgumentError('It must be a whole number.')
}

function toPattern(value: string): RegExp {
  return new RegExp(value)
}
