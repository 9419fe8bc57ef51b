import { silentLogger } from '@kt/core'
import type { BatchContext, Message, Payload } from '@kt/core'
import { MemoryProducer } from 'testkit/doubles'
import { expect, test } from 'vitest'
import { message } from '../test/support/messages.ts'
import { Cascader } from './cascader.ts'

const context: BatchContext = {
  topic: 'countries',
  partition: 0,
  attempt: 1,
  signal: new AbortController().signal,
}

function instant(payload: Payload | string, changeId = 'change'): Message {
  return { ...message(payload), headers: { 'kt-change-id': changeId } }
}

function delayed(payload: Payload | string, changeId = 'change'): Message {
  return { ...message(payload), headers: { 'kt-change-id': changeId, 'kt-delayed': '1' } }
}

function setUp({ rememberedChanges = 100, fails = false } = {}) {
  const producer = new MemoryProducer()
  const cascader = new Cascader({ name: 'own', producer, logger: silentLogger, rememberedChanges })
  const cascaded: string[] = []
  const handle = cascader.handler((messages) => {
    cascaded.push(...cascader.ids(messages))
    return fails ? Promise.reject(new Error('away')) : Promise.resolve()
  })
  return { cascaded, handle }
}

test('a change is cascaded once, not again when its delay message comes due', async () => {
  const { cascaded, handle } = setUp()
  await handle([instant({ id: 1 }), instant('{"ids":[2,3]}')], context)
  await handle([delayed('{"ids":[1,2]}'), delayed({ id: 3 })], context)
  expect(cascaded).toEqual(['1', '2', '3'])
})

test('a change whose instant message was lost is cascaded by its delay message', async () => {
  const { cascaded, handle } = setUp()
  await handle([instant({ id: 1 })], context)
  await handle([delayed({ id: 1 }, 'other'), delayed('{"ids":[1,2]}')], context)
  expect(cascaded).toEqual(['1', '1', '2'])
})

test('a cascade that failed is not remembered', async () => {
  const { cascaded, handle } = setUp({ fails: true })
  await expect(handle([instant({ id: 1 })], context)).rejects.toThrow('away')
  await expect(handle([delayed({ id: 1 })], context)).rejects.toThrow('away')
  expect(cascaded).toEqual(['1', '1'])
})

test('with rememberedChanges 0, a change is cascaded twice', async () => {
  const { cascaded, handle } = setUp({ rememberedChanges: 0 })
  await handle([instant({ id: 1 })], context)
  await handle([delayed({ id: 1 })], context)
  expect(cascaded).toEqual(['1', '1'])
})
