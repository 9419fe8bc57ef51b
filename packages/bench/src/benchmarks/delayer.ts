import { encodeDelayMessage } from '@kt/core'
import type { TestRecord } from 'testkit'
import type { Benchmark, Sample } from '../benchmark.ts'
import { fillTopic } from '../harness/fill-topic.ts'
import type { Stage } from '../harness/stage.ts'
import { perSecond } from '../harness/statistics.ts'

const count = 500_000

export const delayer: Benchmark = {
  name: 'delayer',
  what: `re-send ${count} due messages; compared with a bare kafkajs loop of consume and sendBatch`,
  cases: [1, 4].map((partitions) => ({
    name: `${partitions} partition${partitions === 1 ? '' : 's'}`,
    unit: 'messages/s',
    bound: { atLeast: 0.8 },
  })),
  run,
}

/** Returns a delay message for the record with this id, whose writer relies on `delayMs` if it isn't the default. */
export function delayed(topic: string, id: number, delayMs?: number): TestRecord {
  const value = encodeDelayMessage({ payload: { id }, topic, createdAtMs: Date.now() })
  const headers = {
    'kt-change-id': `bench-${id}`,
    ...(delayMs !== undefined && { 'kt-delay-ms': String(delayMs) }),
  }
  return { key: String(id), value, headers }
}

async function* run(stage: Stage): AsyncGenerator<Sample> {
  const { scope, addresses, task } = stage
  for (const { name } of delayer.cases.filter((each) => stage.wants(each.name))) {
    const partitions = Number.parseInt(name)
    const target = await scope.createTopic(`products-${partitions}`, { partitions: 4 })
    const topic = await scope.createTopic(`delay-${partitions}`, {
      partitions,
      config: { 'message.timestamp.type': 'LogAppendTime' },
    })
    await fillTopic(scope, topic, count, (index) => delayed(target, index + 1, 1))
    for (let number = 1; number <= stage.runs; number++) {
      const bareMs = await task('resendBare', {
        ...addresses,
        topic,
        group: `${topic}-bare-${number}`,
        count,
      })
      const ms = await task('resend', { ...addresses, topic, group: `${topic}-ours-${number}`, count })
      yield { case: name, ours: perSecond(count, ms), baseline: perSecond(count, bareMs) }
    }
  }
}
