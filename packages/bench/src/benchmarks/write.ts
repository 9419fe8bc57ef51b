import { fileURLToPath } from 'node:url'
import type { Benchmark, Sample } from '../benchmark.ts'
import type { Stage } from '../harness/stage.ts'
import { perSecond } from '../harness/statistics.ts'
import { createStreamTopics } from '../harness/stream-topics.ts'
import { fillDatabase } from '../model/database.ts'
import type { Operation } from '../tasks/write.ts'

const operations: readonly Operation[] = ['create', 'update', 'destroy']
/** Numbers of writes of one writer and of several writers in a run: see `Write`. */
const counts = { one: { warmUpCount: 4_000, count: 8_000 }, several: { warmUpCount: 12_000, count: 16_000 } }
const tracing = new URL('../../dist/tracing/open-telemetry.js', import.meta.url)

export const write = writeBenchmark({
  name: 'write',
  what: 'single writes, streamed; compared with the same in a transaction, not streamed',
  writerCounts: [1, 16, 64],
  boundOf: (writers) => (writers === 1 ? 0.4 : 0.5),
  nodeOptions: [],
})

export const writeTraced = writeBenchmark({
  name: 'write-traced',
  what: 'the same, both sides with OpenTelemetry',
  writerCounts: [16],
  boundOf: () => 0.5,
  nodeOptions: [`--import=${fileURLToPath(tracing)}`],
})

interface Variant extends Pick<Benchmark, 'name' | 'what'> {
  readonly writerCounts: readonly number[]
  readonly boundOf: (writers: number) => number
  readonly nodeOptions: readonly string[]
}

function writeBenchmark(variant: Variant): Benchmark {
  const { name, what, writerCounts, boundOf } = variant
  return {
    name,
    what,
    cases: operations.flatMap((operation) =>
      writerCounts.map((writers) => ({
        name: `${operation} ${writers}`,
        unit: 'writes/s',
        bound: { atLeast: boundOf(writers) },
      })),
    ),
    run: (stage) => run(stage, variant),
  }
}

async function* run(stage: Stage, { writerCounts, nodeOptions }: Variant): AsyncGenerator<Sample> {
  const { scope, addresses, inTurns } = stage
  await fillDatabase(scope.databaseUrl, { products: 1, brands: 1 })
  const topics = await createStreamTopics(scope)
  let firstId = 10_000_000
  const call = (operation: Operation, writers: number) => {
    firstId += 100_000
    const each = writers === 1 ? counts.one : counts.several
    return { ...addresses, ...each, operation, writers, firstId }
  }
  for (const operation of operations)
    for (const writers of writerCounts.filter((count) => stage.wants(`${operation} ${count}`)))
      for (let number = 1; number <= stage.runs; number++) {
        const plain = call(operation, writers)
        const streamed = { ...call(operation, writers), topics }
        const [plainMs, streamedMs] = await inTurns(
          ['write', plain, nodeOptions],
          ['write', streamed, nodeOptions],
        )
        yield {
          case: `${operation} ${writers}`,
          ours: perSecond(streamed.count, streamedMs),
          baseline: perSecond(plain.count, plainMs),
        }
      }
}
