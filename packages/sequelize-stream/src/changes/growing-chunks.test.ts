import { expect, it } from 'vitest'
import type { OutgoingChange } from './change.ts'
import { ChangeLog } from './change-log.ts'
import { GrowingChunks } from './growing-chunks.ts'

const cities = { topic: 'cities', delayTopic: 'delay_5m' }

function add(log: ChangeLog<string>, from: number, to: number, growing: GrowingChunks): void {
  for (let id = from; id <= to; id++) {
    const chunk = log.add('root', cities, { key: String(id), payload: { id }, references: {} })
    if (chunk !== undefined) growing.grown(chunk)
  }
}

function messages(chunk: readonly OutgoingChange[]): OutgoingChange[] {
  return chunk.map(({ topic, delayTopic, key, value }) => ({ topic, delayTopic, key, value }))
}

it('yields each chunk when it is full, and the rest at the end, as the log does', async () => {
  const log = new ChangeLog<string>()
  log.follow()
  const growing = new GrowingChunks(log)
  const chunks: (readonly OutgoingChange[])[] = []
  const reading = (async () => {
    for await (const chunk of growing) chunks.push(chunk)
  })()
  add(log, 1, 1_999, growing)
  await new Promise(setImmediate)
  expect(chunks).toEqual([])
  add(log, 2_000, 6_001, growing)
  await new Promise(setImmediate)
  expect(chunks.map(({ length }) => length)).toEqual([2_000, 2_000, 2_000])
  growing.end()
  await reading
  expect(chunks.at(-1)).toHaveLength(1)
  expect(chunks.map(messages)).toEqual([...log.chunks()].map(messages))
})
