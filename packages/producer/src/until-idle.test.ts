import { afterEach, expect, test, vi } from 'vitest'
import { untilIdle } from './until-idle.ts'

afterEach(() => void vi.restoreAllMocks())

/** Has each look at the clock give the next of these times, and the last one from then on. */
function clock(...times: number[]): { readonly looks: number } {
  const now = vi.spyOn(performance, 'now').mockImplementation(() => times.shift() ?? Number.MAX_VALUE)
  return {
    get looks() {
      return now.mock.calls.length
    },
  }
}

test('resolves after a turn in which nothing happened', async () => {
  const { looks } = await after(() => untilIdle(100), clock(0, 1, 3, 4, 4.01))
  expect(looks).toBe(5)
})

test('resolves when its time is over, however busy the process is', async () => {
  const { looks } = await after(() => untilIdle(10), clock(0, 4, 8, 12, 16))
  expect(looks).toBe(4)
})

async function after<T>(act: () => Promise<void>, seen: T): Promise<T> {
  await act()
  return seen
}
