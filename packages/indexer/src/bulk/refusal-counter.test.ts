import { expect, test } from 'vitest'
import { RefusalCounter } from './refusal-counter.ts'
import type { Classification } from './classify.ts'

const entries = ['1', '2', '2'].map((id) => ({ id, payload: { id }, messages: [] }))
const refused: Classification = { kind: 'refused', status: 429 }
const overload: Classification = { kind: 'retry', status: 429 }
const done: Classification = { kind: 'done' }

const kinds = (refusals: RefusalCounter, ...classifications: Classification[]): string[] =>
  refusals.count(entries, classifications).map(({ kind }) => kind)

test('gives up a record that is refused repeatedly, with the status of the search engine', () => {
  const refusals = new RefusalCounter()
  for (let i = 1; i < 12; i++) expect(kinds(refusals, refused, done)).toEqual(['retry', 'done'])
  expect(refusals.count(entries, [refused])).toEqual([{ kind: 'rejected', status: 429 }])
})

test('starts over after overload, which may pass', () => {
  const refusals = new RefusalCounter()
  for (let i = 1; i < 12; i++) kinds(refusals, refused)
  expect(kinds(refusals, overload)).toEqual(['retry'])
  expect(kinds(refusals, refused)).toEqual(['retry'])
})

test('counts each record separately, whatever the result of its other operations', () => {
  const refusals = new RefusalCounter()
  for (let i = 1; i < 12; i++) kinds(refusals, done, done, refused)
  expect(kinds(refusals, refused, refused, refused)).toEqual(['retry', 'rejected', 'rejected'])
})
