import { expect, it } from 'vitest'
import { Turns } from './turns.ts'

it('gives turns in order once all wait, and goes on with the others when one has ended', () => {
  const turns = new Turns(3)
  const went: number[] = []
  const ask = (who: number): void => turns.ask(who, () => void went.push(who))
  ask(2)
  ask(1)
  expect(went).toEqual([])
  ask(0)
  expect(went).toEqual([1])
  ask(1)
  ask(2)
  expect(went).toEqual([1, 2, 0])
  turns.leave(0)
  expect(went).toEqual([1, 2, 0, 1])
  ask(1)
  turns.leave(2)
  expect(went).toEqual([1, 2, 0, 1, 2, 1])
  turns.leave(1)
})
