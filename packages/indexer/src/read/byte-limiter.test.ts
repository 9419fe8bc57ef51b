import { expect, test } from 'vitest'
import { InFlight } from './in-flight.ts'
import type { Room } from './in-flight.ts'

const { signal } = new AbortController()

/** Enters, and notes it by name. */
function stage(maxBytes: number) {
  const inFlight = new InFlight(maxBytes)
  const entered = new Map<string, Room>()
  const enter = (name: string, bytes: number, until = signal): Promise<void> =>
    inFlight.enter(bytes, until).then((room) => void entered.set(name, room))
  const names = async (): Promise<string[]> => {
    await new Promise(setImmediate)
    return [...entered.keys()]
  }
  const leave = (name: string, outcome?: Parameters<Room['leave']>[0]): void => {
    entered.get(name)?.leave(outcome)
    entered.delete(name)
  }
  return { enter, names, leave }
}

test('lets in what fits, and the others in their order when there is room again', async () => {
  const { enter, names, leave } = stage(10)
  void Promise.all([enter('a', 6), enter('b', 4), enter('c', 5), enter('d', 1), enter('e', 4)])
  expect(await names()).toEqual(['a', 'b'])
  leave('b')
  expect(await names()).toEqual(['a'])
  leave('a')
  expect(await names()).toEqual(['c', 'd', 'e'])
})

test('what is larger than all the room there is goes alone', async () => {
  const { enter, names, leave } = stage(10)
  void Promise.all([enter('small', 1), enter('large', 50), enter('next', 1)])
  expect(await names()).toEqual(['small'])
  leave('small')
  expect(await names()).toEqual(['large'])
  leave('large')
  expect(await names()).toEqual(['next'])
})

test('whoever leaves twice gives back once what it took', async () => {
  const inFlight = new InFlight(10)
  const first = await inFlight.enter(10, signal)
  first.leave()
  const second = await inFlight.enter(10, signal)
  first.leave()
  let isIn = false
  const third = inFlight.enter(10, signal).then(() => (isIn = true))
  await new Promise(setImmediate)
  expect(isIn).toBe(false)
  second.leave()
  await third
})

test('whoever gives up while it waits does not hold up those behind it', async () => {
  const { enter, names } = stage(10)
  const aborting = new AbortController()
  await enter('a', 8)
  const givenUp = enter('b', 10, aborting.signal)
  void enter('c', 2)
  expect(await names()).toEqual(['a'])
  aborting.abort()
  await expect(givenUp).rejects.toMatchObject({ code: 'KT_ABORTED' })
  expect(await names()).toEqual(['a', 'c'])
})

test('a signal that fires too late takes nobody out of the queue', async () => {
  const { enter, names, leave } = stage(10)
  const aborting = new AbortController()
  await enter('a', 10)
  const second = enter('b', 10, aborting.signal)
  void enter('c', 10)
  leave('a')
  aborting.abort()
  await second
  leave('b')
  expect(await names()).toEqual(['c'])
})

test('a push-back halves what may be under way, once for all that was under way then', async () => {
  const { enter, names, leave } = stage(8)
  await Promise.all(['a', 'b', 'c', 'd'].map((name) => enter(name, 2)))
  for (const name of ['a', 'b', 'c', 'd']) leave(name, 'pushedBack')
  void Promise.all(['e', 'f', 'g'].map((name) => enter(name, 2)))
  expect(await names()).toEqual(['e', 'f'])
  leave('e', 'pushedBack')
  expect(await names()).toEqual(['f'])
  leave('f', 'pushedBack')
  expect(await names()).toEqual(['g'])
})

test('after a push-back each round that is taken adds one part, up to the bound', async () => {
  const { enter, names, leave } = stage(8)
  await enter('a', 2)
  leave('a', 'pushedBack')
  /** How many are let in at a time; all of them are taken. */
  const round = async (): Promise<number> => {
    const all = Array.from({ length: 6 }, (_, index) => `${index}`)
    void Promise.all(all.map((name) => enter(name, 2)))
    const { length } = await names()
    for (const name of await names()) leave(name, 'taken')
    for (let left = await names(); left.length > 0; left = await names()) for (const name of left) leave(name)
    return length
  }
  const rounds: number[] = []
  for (let number = 0; number < 8; number++) rounds.push(await round())
  expect(rounds[0]).toBe(1)
  expect(rounds.at(-1)).toBe(4)
  expect(rounds).toEqual(rounds.toSorted((one, other) => one - other))
})
