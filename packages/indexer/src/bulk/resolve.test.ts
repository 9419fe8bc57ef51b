import { expect, test } from 'vitest'
import { settle } from './settle.ts'
import type { Verdict } from './verdict.ts'

const done: Verdict = { kind: 'done' }
const rejected: Verdict = { kind: 'rejected', status: 400 }
const doubtful: Verdict = { kind: 'doubtful', status: 500 }

const kinds = (verdicts: readonly Verdict[], attempt: number, takesWrites: boolean): string[] =>
  settle(verdicts, attempt, takesWrites).settled.map(({ kind }) => kind)

test('a rejected document among good ones is given up', () => {
  expect(settle([done, rejected], 1, false)).toEqual({ settled: [done, rejected], unproven: false })
})

test('when all are rejected it is their fault only if the search engine takes anything', () => {
  expect(settle([rejected], 1, false)).toEqual({ settled: [{ kind: 'retry', status: 400 }], unproven: true })
  expect(settle([rejected], 2, true)).toEqual({ settled: [rejected], unproven: false })
})

test('a document on which the search engine fails is tried a few times', () => {
  expect(kinds([doubtful, done], 1, true)).toEqual(['retry', 'done'])
  expect(kinds([doubtful], 6, true)).toEqual(['rejected'])
  expect(kinds([doubtful], 100, false)).toEqual(['retry'])
})

test('no proof is needed when nothing would be given up', () => {
  expect(settle([{ kind: 'retry' }, doubtful], 1, false).unproven).toBe(false)
})
