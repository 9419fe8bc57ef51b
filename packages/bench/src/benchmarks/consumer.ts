import type { Benchmark, Sample } from '../benchmark.ts'
import { fillTopic, naming } from '../harness/fill-topic.ts'
import type { Stage } from '../harness/stage.ts'
import { perSecond } from '../harness/statistics.ts'

const count = 1_000_000

export const consumer: Benchmark = {
  name: 'consumer',
  what: `${count} small messages of 4 partitions through an empty handler; compared with bare kafkajs eachBatch`,
  cases: [{ name: 'consume', unit: 'messages/s', bound: { atLeast: 0.75 } }],
  run,
}

async function* run(stage: Stage): AsyncGenerator<Sample> {
  const { scope, addresses, task } = stage
  const topic = await scope.createTopic('products', { partitions: 4 })
  await fillTopic(scope, topic, count, (index) => naming(index + 1))
  for (let number = 1; number <= stage.runs; number++) {
    const bareMs = await task('eachBatch', { ...addresses, topic, group: `${topic}-bare-${number}`, count })
    const ms = await task('consume', { ...addresses, topic, group: `${topic}-ours-${number}`, count })
    yield { case: 'consume', ours: perSecond(count, ms), baseline: perSecond(count, bareMs) }
  }
}
