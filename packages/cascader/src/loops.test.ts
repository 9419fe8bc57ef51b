import { silentLogger } from '@kt/core'
import type { Message } from '@kt/core'
import { assert, asyncProperty, boolean, integer, record, array } from 'fast-check'
import { MemoryProducer } from 'testkit/doubles'
import { expect, test } from 'vitest'
import { Cascader } from './cascader.ts'

/** Consumes the topic `from`, and sends a record of the topic `to` for each changed record. */
interface Edge {
  readonly from: number
  readonly to: number
  readonly deep: boolean
}

test('cascades end with any cycles of associations, and reach all dependent records', async () => {
  const edge = record({ from: integer({ min: 0, max: 4 }), to: integer({ min: 0, max: 4 }), deep: boolean() })
  await assert(
    asyncProperty(array(edge, { maxLength: 6 }), async (edges) => {
      const producer = new MemoryProducer()
      await producer.produce('{"id":1}', { topic: '0' })
      await run(edges, producer)
      const reached = new Set(producer.produced.map(({ topic }) => Number(topic)))
      for (const { to } of edges.filter(({ from }) => from === 0)) expect(reached).toContain(to)
      const deep = edges.filter((each) => each.deep)
      for (const topic of closure(deep)) expect(reached).toContain(topic)
    }),
    { numRuns: 60 },
  )
})

async function run(edges: readonly Edge[], producer: MemoryProducer): Promise<void> {
  const cascaders = edges.map((edge, index) => {
    const stream = () => ({ topic: String(edge.to), payload: () => ({ id: 1 }) })
    return { ...edge, cascader: new Cascader({ name: `c${index}`, producer, stream, logger: silentLogger }) }
  })
  // If cascades did not end, this would not return.
  for (let index = 0; index < producer.produced.length; index += 1) {
    const { topic = '', value, headers = {} } = producer.produced[index] ?? {}
    const rest = { partition: 0, offset: BigInt(index), key: null, timestampMs: 0 }
    const message: Message = { topic, value: new TextEncoder().encode(String(value)), headers, ...rest }
    for (const { from, deep, cascader } of cascaders) {
      if (String(from) !== topic) continue
      if (deep) await cascader.cascade([message], (ids) => ids.map((id) => ({ id })))
      else await cascader.import(cascader.ids([message]).map((id) => ({ id })))
    }
  }
}

/** All topics that deep cascades reach from topic 0. */
function closure(edges: readonly Edge[]): Set<number> {
  const reached = new Set([0])
  for (const from of reached) for (const edge of edges) if (edge.from === from) reached.add(edge.to)
  return reached
}
