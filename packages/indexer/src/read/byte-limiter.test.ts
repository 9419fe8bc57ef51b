import { expect, test } from 'vitest'
import { ByteLimiter } from './byte-limiter.ts'
import type { Permit } from './byte-limiter.ts'

const { signal } = new AbortController()

/** Acquires and releases permits by name. */
function setUp(maxBytes: number) {
  const limiter = new ByteLimiter(maxBytes)
  const permits = new Map<string, Permit>()
  const acquire = (name: string, bytes: number, until = signal): Promise<void> =>
    limiter.acquire(bytes, until).then((permit) => void permits.set(name, permit))
  const admitted = async (): Promise<string[]> => {
    await new Promise(setImmediate)
    return [...permits.keys()]
  }
  const release = (name: string, outcome?: Parameters<Permit['release']>[0]): void => {
    permits.get(name)?.release(outcome)
    permits.delete(name)
  }
  return { acquire, admitted, release }
}

test('admits parts that fit, and the others in order once bytes are released', async () => {
  const { acquire, admitted, release } = setUp(10)
  void Promise.all([acquire('a', 6), acquire('b', 4), acquire('c', 5), acquire('d', 1), acquire('e', 4)])
  expect(await admitted()).toEqual(['a', 'b'])
  release('b')
  expect(await admitted()).toEqual(['a'])
  release('a')
  expect(await admitted()).toEqual(['c', 'd', 'e'])
})

test('admits a part that exceeds the limit alone', async () => {
  const { acquire, admitted, release } = setUp(10)
  void Promise.all([acquire('small', 1), acquire('large', 50), acquire('next', 1)])
  expect(await admitted()).toEqual(['small'])
  release('small')
  expect(await admitted()).toEqual(['large'])
  release('large')
  expect(await admitted()).toEqual(['next'])
})

test('a second release has no effect', async () => {
  const limiter = new ByteLimiter(10)
  const first = await limiter.acquire(10, signal)
  first.release()
  const second = await limiter.acquire(10, signal)
  first.release()
  let isAdmitted = false
  const third = limiter.acquire(10, signal).then(() => (isAdmitted = true))
  await new Promise(setImmediate)
  expect(isAdmitted).toBe(false)
  second.release()
  await third
})

test('a waiter that is aborted does not block those behind it', async () => {
  const { acquire, admitted } = setUp(10)
  const aborting = new AbortController()
  await acquire('a', 8)
  const aborted = acquire('b', 10, aborting.signal)
  void acquire('c', 2)
  expect(await admitted()).toEqual(['a'])
  aborting.abort()
  await expect(aborted).rejects.toMatchObject({ code: 'KT_ABORTED' })
  expect(await admitted()).toEqual(['a', 'c'])
})

test('a signal that fires after admission removes no waiter', async () => {
  const { acquire, admitted, release } = setUp(10)
  const aborting = new AbortController()
  await acquire('a', 10)
  const second = acquire('b', 10, aborting.signal)
  void acquire('c', 10)
  release('a')
  aborting.abort()
  await second
  release('b')
  expect(await admitted()).toEqual(['c'])
})

test('overload halves the limit, once for all parts that are in flight', async () => {
  const { acquire, admitted, release } = setUp(8)
  await Promise.all(['a', 'b', 'c', 'd'].map((name) => acquire(name, 2)))
  for (const name of ['a', 'b', 'c', 'd']) release(name, 'overloaded')
  void Promise.all(['e', 'f', 'g'].map((name) => acquire(name, 2)))
  expect(await admitted()).toEqual(['e', 'f'])
  release('e', 'overloaded')
  expect(await admitted()).toEqual(['f'])
  release('f', 'overloaded')
  expect(await admitted()).toEqual(['g'])
})

test('after overload each accepted round adds one part, up to the maximum', async () => {
  const { acquire, admitted, release } = setUp(8)
  await acquire('a', 2)
  release('a', 'overloaded')
  /** How many parts are admitted at once. All of them are accepted. */
  const round = async (): Promise<number> => {
    const all = Array.from({ length: 6 }, (_, index) => `${index}`)
    void Promise.all(all.map((name) => acquire(name, 2)))
    const { length } = await admitted()
    for (const name of await admitted()) release(name, 'accepted')
    for (let left = await admitted(); left.length > 0; left = await admitted())
      for (const name of left) release(name)
    return length
  }
  const rounds: number[] = []
  for (let number = 0; number < 8; number++) rounds.push(await round())
  expect(rounds[0]).toBe(1)
  expect(rounds.at(-1)).toBe(4)
  expect(rounds).toEqual(rounds.toSorted((one, other) => one - other))
})
