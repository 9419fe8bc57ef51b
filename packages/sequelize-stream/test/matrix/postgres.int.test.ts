import { Sequelize } from 'sequelize'
import { createTestScope } from 'testkit'
import { describe } from 'vitest'
import { describeDialect } from './describe-dialect.ts'
import { deferredTable, generatedKeys, violateLateCheck } from './dialect.ts'
import type { Dialect } from './dialect.ts'

const scope = await createTestScope(import.meta.url)

const dialect: Dialect = {
  name: 'postgres',
  connect: (logging, options) => new Sequelize(scope.databaseUrl, { logging, pool: { max: 3 }, ...options }),
  commits: /COMMIT/,
  takesBatches: true,
  setUp: [deferredTable],
  series: (count) => `SELECT n FROM generate_series(1, ${count}) AS n`,
  restartKeys: Object.entries(generatedKeys).map(
    ([table, column]) => `SELECT setval(pg_get_serial_sequence('${table}', '${column}'), 1000)`,
  ),
  breakCommit: violateLateCheck,
  close: () => scope.close(),
}

const isFull = process.env['KT_LARGE'] === '1'

describe('postgres', () => {
  describeDialect(dialect, isFull ? 1_000_000 : 50_000)
})
