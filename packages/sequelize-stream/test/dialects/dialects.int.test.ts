import { defaultLogger } from '@kt/core'
import { describe } from 'vitest'
import type { Dialect } from '../matrix/dialect.ts'
import { describeDialect } from '../matrix/describe-dialect.ts'
import { mariadb } from './mariadb.ts'
import { sqlite } from './sqlite.ts'

describe.each(await dialects())('$name', (dialect) => {
  describeDialect(dialect, 25_000)
})

async function dialects(): Promise<readonly Dialect[]> {
  const mariadbUrl = process.env['KT_MARIADB_URL'] ?? ''
  if (mariadbUrl !== '') return [sqlite(), await mariadb(mariadbUrl)]
  defaultLogger.warn('KT_MARIADB_URL is not set, so nothing is tried on MariaDB')
  return [sqlite()]
}
