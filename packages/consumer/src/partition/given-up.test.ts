import { expect, test } from 'vitest'
import { decodeGivenUp, GivenUpLog, mayHaveGivenUp } from './given-up.ts'

const known = (log: GivenUpLog) => decodeGivenUp(log.metadata)

test('a log knows nothing about what was before its beginning', () => {
  const log = new GivenUpLog()
  expect(log.metadata).toBeNull()
  log.begin(10n)
  expect(mayHaveGivenUp(known(log), 9n)).toBe(true)
  expect(mayHaveGivenUp(known(log), 10n)).toBe(false)
})

test('what was given up counts for itself and for all before it', () => {
  const log = new GivenUpLog()
  log.begin(10n)
  log.add([{ offset: 15n }, { offset: 12n }])
  log.add([{ offset: 11n }])
  expect([10n, 12n, 15n, 16n].map((from) => mayHaveGivenUp(known(log), from))).toEqual([
    true,
    true,
    true,
    false,
  ])
})

test('a topic that was created anew begins anew', () => {
  const log = new GivenUpLog()
  log.begin(10n)
  log.add([{ offset: 15n }])
  log.begin(0n)
  expect(known(log)).toEqual({ since: 0n, last: undefined })
})

test.each([null, '', 'kt1', 'kt1 1', 'kt1 -1 none', 'kt2 1 none', 'kt1 1 none '])(
  'metadata of others, such as %j, tell nothing',
  (metadata) => {
    expect(decodeGivenUp(metadata)).toBeUndefined()
    expect(mayHaveGivenUp(undefined, 0n)).toBe(true)
  },
)
