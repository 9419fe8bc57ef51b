import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Healer } from './healer.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function newHealer(stillWrong: (sends: number) => readonly string[]) {
  const sends: number[] = []
  const batch = (fill: (batch: { produce(): void }) => void): Promise<void> => {
    let messages = 0
    fill({ produce: () => messages++ })
    sends.push(messages)
    return Promise.resolve()
  }
  const healer = new Healer({
    producer: { batch } as never,
    topic: 'products',
    timeoutMs: 60_000,
    suspects: { wrong: () => Promise.resolve(stillWrong(sends.length)) } as never,
    whenCaughtUp: () => Promise.resolve(),
    signal: new AbortController().signal,
  })
  return { healer, sends }
}

test('a record that the Indexer gives up was sent until the time was over, and made a dead letter each time', async () => {
  const { healer, sends } = newHealer(() => ['2'])
  const healing = healer.heal(['1', '2'])
  await vi.advanceTimersByTimeAsync(60_000)
  expect(await healing).toEqual(new Set(['2']))
  expect(sends).toEqual([2, 1, 1, 1, 1, 1])
})

test('a document that was changed by hand takes several sends', async () => {
  const { healer, sends } = newHealer((count) => (count < 3 ? ['1'] : []))
  const healing = healer.heal(['1'])
  await vi.advanceTimersByTimeAsync(60_000)
  expect(await healing).toEqual(new Set())
  expect(sends).toEqual([1, 1, 1])
})
