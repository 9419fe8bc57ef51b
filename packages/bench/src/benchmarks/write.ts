import type { Benchmark, Sample } from '../benchmark.ts'
import type { Stage } from '../harness/stage.ts'
import { perSecond } from '../harness/statistics.ts'
import { createStreamTopics } from '../harness/stream-topics.ts'
import { fillDatabase } from '../model/database.ts'
import type { Operation } from '../tasks/write.ts'

const operations: readonly Operation[] = ['create', 'update', 'destroy']
const writerCounts = [1, 16, 64]
/** As many writes as one, and as several writers do in a run: see `Write`. */
const counts = { one: { warmUpCount: 4_000, count: 8_000 }, several: { warmUpCount: 12_000, count: 16_000 } }

export const write: Benchmark = {
  name: 'write',
  what: 'single writes, streamed; beside the same in a transaction, not streamed',
  cases: operations.flatMap((operation) =>
    writerCounts.map((writers) => ({
      name: `${operation} ${writers}`,
      unit: 'writes/s',
      bound: { atLeast: writers === 1 ? 0.6 : 0.85 },
    })),
  ),
  run,
}

async function* run(stage: Stage): AsyncGenerator<Sample> {
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
        const [plainMs, streamedMs] = await inTurns(['write', plain], ['write', streamed])
        yield {
          case: `${operation} ${writers}`,
          ours: perSecond(streamed.count, streamedMs),
          baseline: perSecond(plain.count, plainMs),
        }
      }
}
