import { expect, test } from 'vitest'
import { resolve } from './resolve.ts'
import type { Classification } from './classify.ts'

const done: Classification = { kind: 'done' }
const rejected: Classification = { kind: 'rejected', status: 400 }
const uncertain: Classification = { kind: 'uncertain', status: 500 }

const kinds = (classifications: readonly Classification[], attempt: number, takesWrites: boolean): string[] =>
  resolve(classifications, attempt, takesWrites).resolutions.map(({ kind }) => kind)

test('gives up a rejected document among accepted ones', () => {
  expect(resolve([done, rejected], 1, false)).toEqual({ resolutions: [done, rejected], unproven: false })
})

test('when all are rejected, gives up only if the search engine accepts other writes', () => {
  expect(resolve([rejected], 1, false)).toEqual({
    resolutions: [{ kind: 'retry', status: 400 }],
    unproven: true,
  })
  expect(resolve([rejected], 2, true)).toEqual({ resolutions: [rejected], unproven: false })
})

test('gives up a document on which the search engine fails after a few tries', () => {
  expect(kinds([uncertain, done], 1, true)).toEqual(['retry', 'done'])
  expect(kinds([uncertain], 6, true)).toEqual(['rejected'])
  expect(kinds([uncertain], 100, false)).toEqual(['retry'])
})

test('needs no proof when nothing would be given up', () => {
  expect(resolve([{ kind: 'retry' }, uncertain], 1, false).unproven).toBe(false)
})
