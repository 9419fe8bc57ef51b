import type { Sequelize } from 'sequelize'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { tableFact } from './table-facts.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const sequelize = {} as Sequelize

test('reads a fact again after a minute, because a migration may have changed it', async () => {
  const answers = ['before', 'after']
  const ask = (): Promise<string> =>
    tableFact(sequelize, 'fact', () => Promise.resolve(answers.shift() ?? ''))
  expect(await ask()).toBe('before')
  expect(await ask()).toBe('before')
  vi.advanceTimersByTime(61_000)
  expect(await ask()).toBe('after')
})

test('does not cache a failure or share it with other callers', async () => {
  const failing = tableFact(sequelize, 'other', () => Promise.reject(new Error('aborted')))
  const other = tableFact(sequelize, 'other', () => Promise.resolve(true))
  await expect(failing).rejects.toThrow('aborted')
  expect(await other).toBe(true)
})
