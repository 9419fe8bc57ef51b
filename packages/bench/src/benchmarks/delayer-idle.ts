import type { Benchmark, Sample } from '../benchmark.ts'
import { fillTopic } from '../harness/fill-topic.ts'
import type { Stage } from '../harness/stage.ts'
import { delayed } from './delayer.ts'

const many = 1_000_000
const few = 1_000
const forMs = 60_000

export const delayerIdle: Benchmark = {
  name: 'delayer-idle',
  what: `hold ${many} messages that are not due for ${forMs / 1_000} s; memory compared with ${few}`,
  cases: [
    { name: 'CPU', unit: '% of a core', bound: { atMost: 3 } },
    { name: 'memory', unit: 'MB', bound: { atMost: 1.1 } },
  ],
  run,
}

async function* run(stage: Stage): AsyncGenerator<Sample> {
  const { scope, addresses, task } = stage
  const target = scope.topic('products')
  const fill = async (name: string, count: number): Promise<string> => {
    const topic = await scope.createTopic(name, { config: { 'message.timestamp.type': 'LogAppendTime' } })
    await fillTopic(scope, topic, count, (index) => delayed(target, index + 1))
    return topic
  }
  const topics = { few: await fill('few', few), many: await fill('many', many) }
  for (let number = 1; number <= stage.runs; number++) {
    const [holdsFew, holdsMany] = await Promise.all(
      [topics.few, topics.many].map((topic) =>
        task('hold', { ...addresses, topic, group: `${topic}-${number}`, forMs }),
      ),
    )
    if (holdsFew === undefined || holdsMany === undefined) return
    yield { case: 'CPU', ours: holdsMany.cpuPercent, baseline: null }
    yield { case: 'memory', ours: holdsMany.rss, baseline: holdsFew.rss }
  }
}
