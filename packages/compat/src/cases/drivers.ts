import type { Case } from './case.ts'

const native = {
  flavour: 'cjs',
  builds: ['libpq'],
  needs: 'a C++ compiler, Python and the headers of libpq (libpq-dev in Debian)',
  sequelize: { native: true },
} satisfies Partial<Case>

const pooled = {
  flavour: 'cjs',
  // As in the README. PgBouncer drops the option.
  sequelize: { dialectOptions: { idle_in_transaction_session_timeout: 2_000 } },
} satisfies Partial<Case>

export const driverCases: readonly Case[] = [
  {
    name: 'pg-8.11',
    what: 'the driver pg 8.11',
    flavour: 'cjs',
    dependencies: { pg: '8.11.0' },
  },
  {
    ...native,
    name: 'pg-native-3.5',
    what: 'pg-native 3.5, which does not report the state of transactions, with the newest pg',
    dependencies: { 'pg-native': '3.5.2' },
  },
  {
    ...native,
    name: 'pg-native-3.7',
    what: 'pg-native 3.7, the last without transaction state',
    dependencies: { 'pg-native': '3.7.0' },
  },
  {
    ...native,
    name: 'pg-native',
    what: 'pg-native, the newest',
    dependencies: { 'pg-native': '3.9.0' },
  },
  {
    ...pooled,
    name: 'pgbouncer-transaction',
    what: 'PgBouncer in front of the database, pooling by transaction',
    pooler: 'transaction',
  },
  {
    ...pooled,
    name: 'pgbouncer-session',
    what: 'PgBouncer in front of the database, pooling by session',
    pooler: 'session',
  },
]
