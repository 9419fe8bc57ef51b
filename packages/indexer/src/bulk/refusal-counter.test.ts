import { expect, test } from 'vitest'
import { Refusals } from './refusals.ts'
import type { Finding } from './verdict.ts'

const entries = ['1', '2', '2'].map((id) => ({ id, payload: { id }, messages: [] }))
const refused: Finding = { kind: 'refused', status: 429 }
const overload: Finding = { kind: 'retry', status: 429 }
const done: Finding = { kind: 'done' }

const kinds = (refusals: Refusals, ...findings: Finding[]): string[] =>
  refusals.decide(entries, findings).map(({ kind }) => kind)

test('what is refused time and again is given up, with what the search engine said', () => {
  const refusals = new Refusals()
  for (let i = 1; i < 12; i++) expect(kinds(refusals, refused, done)).toEqual(['retry', 'done'])
  expect(refusals.decide(entries, [refused])).toEqual([{ kind: 'rejected', status: 429 }])
})

test('overload in between shows that it may pass', () => {
  const refusals = new Refusals()
  for (let i = 1; i < 12; i++) kinds(refusals, refused)
  expect(kinds(refusals, overload)).toEqual(['retry'])
  expect(kinds(refusals, refused)).toEqual(['retry'])
})

test('each record counts for itself, whatever became of its other operations', () => {
  const refusals = new Refusals()
  for (let i = 1; i < 12; i++) kinds(refusals, done, done, refused)
  expect(kinds(refusals, refused, refused, refused)).toEqual(['retry', 'rejected', 'rejected'])
})
