import { afterAll, describe } from 'vitest'
import { describeLarge } from './describe-large.ts'
import { describeMatrix } from './describe-matrix.ts'
import { describeSameAsPlain } from './describe-same-as-plain.ts'
import type { Dialect } from './dialect.ts'
import { describeOddTables } from './odd/describe-odd-tables.ts'

/** All tests for one database, with bulk writes of `largeRows` rows. */
export function describeDialect(dialect: Dialect, largeRows: number): void {
  afterAll(() => dialect.close())
  describe('every write', () => {
    describeMatrix(dialect)
  })
  describe('a streamed model', () => {
    describeSameAsPlain(dialect)
  })
  describe('an odd table', () => {
    describeOddTables(dialect)
  })
  describe('a bulk write', () => {
    describeLarge(dialect, largeRows)
  })
}
