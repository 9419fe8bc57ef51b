import { silentLogger } from '@kt/core'
import { assert, asyncProperty, constantFrom, property } from 'fast-check'
import { hostileMessages } from 'testkit/hostile'
import { MemoryProducer } from 'testkit/doubles'
import { expect, test } from 'vitest'
import { Cascader } from './cascader.ts'

const cascader = new Cascader({ name: 'own', producer: new MemoryProducer(), logger: silentLogger })
const isId = (id: unknown): boolean => typeof id === 'string' && id !== '' && Buffer.byteLength(id) <= 512

test('accepts any message, and returns only ids', () => {
  const attribute = constantFrom('country', 'constructor', '__proto__', 'toString')
  assert(
    property(hostileMessages('countries'), attribute, (messages, name) => {
      expect(cascader.ids(messages).filter((id) => !isId(id))).toEqual([])
      expect(cascader.references(messages, name).filter((id) => !isId(id))).toEqual([])
    }),
    { numRuns: 500 },
  )
  expect(Object.keys(Object.prototype)).toEqual([])
})

test('cascades any message', async () => {
  await assert(
    asyncProperty(hostileMessages('countries'), async (messages) => {
      const found: string[] = []
      await cascader.cascade(messages, (ids) => {
        found.push(...ids)
        return []
      })
      expect(found.filter((id) => !isId(id))).toEqual([])
    }),
    { numRuns: 200 },
  )
})
