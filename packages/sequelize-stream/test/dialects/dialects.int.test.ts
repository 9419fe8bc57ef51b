import { defaultLogger } from '@kt/core'
import { afterAll, describe } from 'vitest'
import type { Dialect } from '../matrix/dialect.ts'
import { describeLarge } from '../matrix/describe-large.ts'
import { describeMatrix } from '../matrix/describe-matrix.ts'
import { describeSameAsPlain } from '../matrix/describe-same-as-plain.ts'
import { mariadb } from './mariadb.ts'
import { sqlite } from './sqlite.ts'

describe.each(await dialects())('$name', (dialect) => {
  afterAll(() => dialect.close())
  describe('every write', () => {
    describeMatrix(dialect)
  })
  describe('a streamed model', () => {
    describeSameAsPlain(dialect)
  })
  describe('a bulk write', () => {
    describeLarge(dialect, 25_000)
  })
})

async function dialects(): Promise<readonly Dialect[]> {
  const mariadbUrl = process.env['KT_MARIADB_URL'] ?? ''
  if (mariadbUrl !== '') return [sqlite(), await mariadb(mariadbUrl)]
  defaultLogger.warn('KT_MARIADB_URL is not set, so nothing is tried on MariaDB')
  return [sqlite()]
}
