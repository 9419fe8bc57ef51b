import { expect, test } from 'vitest'
import { message } from '../test/support/fakes.ts'
import { ChangeMemory } from './change-memory.ts'
import type { Entry } from './entry.ts'

function entry(changeId: string, headers: { readonly [name: string]: string } = {}): Entry {
  const messages = [message({ id: 1 }, { headers: { 'kt-change-id': changeId, ...headers } })]
  return { id: '1', payload: { id: 1 }, messages }
}

test('remembers a change of a record', () => {
  const memory = new ChangeMemory(10)
  memory.remember(entry('a'))
  expect(memory.has('a', '1')).toBe(true)
  expect(memory.has('a', '2')).toBe(false)
  expect(memory.has('b', '1')).toBe(false)
})

test('does not remember what fills the memory', () => {
  const memory = new ChangeMemory(10)
  memory.remember(entry('x'.repeat(1_000_000)))
  expect(memory.has('x'.repeat(1_000_000), '1')).toBe(false)
})

test('does not remember what a delay message brought: it may have come due before the commit', () => {
  const memory = new ChangeMemory(10)
  memory.remember(entry('a', { 'kt-delayed': '1' }))
  expect(memory.has('a', '1')).toBe(false)
})

test('forgets the oldest, and never holds more than its capacity', () => {
  const memory = new ChangeMemory(10)
  const ids = Array.from({ length: 100 }, (_, i) => `c${i}`)
  for (const id of ids) memory.remember(entry(id))
  const kept = ids.filter((id) => memory.has(id, '1'))
  expect(kept.length).toBeGreaterThanOrEqual(5)
  expect(kept.length).toBeLessThanOrEqual(10)
  expect(kept).toEqual(ids.slice(-kept.length))
})

test('with no capacity it remembers nothing', () => {
  const memory = new ChangeMemory(0)
  memory.remember(entry('a'))
  expect(memory.has('a', '1')).toBe(false)
})
