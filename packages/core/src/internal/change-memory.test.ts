import { expect, test } from 'vitest'
import type { Message } from '../ports/message.ts'
import { ChangeMemory } from './change-memory.ts'

function messages(changeId: string, headers: { readonly [name: string]: string } = {}): Message[] {
  return [
    {
      topic: 'cities',
      partition: 0,
      offset: 0n,
      key: '1',
      value: null,
      headers: { 'kt-change-id': changeId, ...headers },
      timestampMs: 0,
    },
  ]
}

test('remembers a change of a record', () => {
  const memory = new ChangeMemory(10)
  memory.remember('1', messages('a'))
  expect(memory.has('a', '1')).toBe(true)
  expect(memory.has('a', '2')).toBe(false)
  expect(memory.has('b', '1')).toBe(false)
})

test('does not remember change ids that would fill the memory', () => {
  const memory = new ChangeMemory(10)
  memory.remember('1', messages('x'.repeat(1_000_000)))
  expect(memory.has('x'.repeat(1_000_000), '1')).toBe(false)
})

test('does not remember delay messages: they may have come due before the commit', () => {
  const memory = new ChangeMemory(10)
  memory.remember('1', messages('a', { 'kt-delayed': '1' }))
  expect(memory.has('a', '1')).toBe(false)
})

test('forgets the oldest, and never remembers more than its capacity', () => {
  const memory = new ChangeMemory(10)
  const ids = Array.from({ length: 100 }, (_, i) => `c${i}`)
  for (const id of ids) memory.remember('1', messages(id))
  const kept = ids.filter((id) => memory.has(id, '1'))
  expect(kept.length).toBeGreaterThanOrEqual(5)
  expect(kept.length).toBeLessThanOrEqual(10)
  expect(kept).toEqual(ids.slice(-kept.length))
})

test('remembers nothing with a capacity of 0', () => {
  const memory = new ChangeMemory(0)
  memory.remember('1', messages('a'))
  expect(memory.has('a', '1')).toBe(false)
})
