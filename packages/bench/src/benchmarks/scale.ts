import type { Benchmark, Sample } from '../benchmark.ts'
import { fillTopic, naming } from '../harness/fill-topic.ts'
import type { Stage } from '../harness/stage.ts'
import { perSecond } from '../harness/statistics.ts'
import { fillDatabase } from '../model/database.ts'

const count = 40_000
const batchSize = 20
/** Several for each process in every case. Uneven shares are part of the measurement. */
const partitions = 16

export const scale: Benchmark = {
  name: 'scale',
  what: `1, 2 and 4 processes draining ${count} messages, each one bulk at a time, which is a wait of 20 ms; compared with the rate of one, times their number`,
  cases: [
    { name: '2 processes', unit: 'records/s', bound: { atLeast: 0.9 } },
    { name: '4 processes', unit: 'records/s', bound: { atLeast: 0.8 } },
  ],
  run,
}

async function* run(stage: Stage): AsyncGenerator<Sample> {
  const { scope } = stage
  await fillDatabase(scope.databaseUrl, { products: count, brands: 1_000 })
  const topic = await scope.createTopic('products', { partitions })
  await fillTopic(scope, topic, count, (index) => naming(index + 1))
  for (let number = 1; number <= stage.runs; number++) {
    const single = await drain(stage, topic, number, 1)
    for (const processes of [2, 4])
      yield {
        case: `${processes} processes`,
        ours: await drain(stage, topic, number, processes),
        baseline: processes * single,
      }
  }
}

/** Returns the rate of the messages left when the last process had joined, from then until all are committed. */
async function drain(stage: Stage, topic: string, number: number, processes: number): Promise<number> {
  const { addresses, task } = stage
  const group = `${topic}-${number}-${processes}`
  const all = await Promise.all(
    Array.from({ length: processes }, () => task('drainWaiting', { ...addresses, topic, group, batchSize })),
  )
  const last = all.reduce((latest, each) => (each.joinedAtMs > latest.joinedAtMs ? each : latest))
  return perSecond(last.left, Math.max(...all.map(({ doneAtMs }) => doneAtMs)) - last.joinedAtMs)
}
