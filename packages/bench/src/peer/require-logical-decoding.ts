import { Client } from 'pg'
import { UnavailableError } from 'testkit'

/** @throws UnavailableError if the database has no logical decoding, which PGSync needs */
export async function requireLogicalDecoding(databaseUrl: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    const { rows } = await client.query<{ wal_level: string }>('SHOW wal_level')
    const level = rows[0]?.wal_level
    if (level === 'logical') return
    throw new UnavailableError(
      `PGSync needs a PostgreSQL with wal_level = logical, and that of KT_DATABASE_URL has ${level}. Set it there ` +
        '(ALTER SYSTEM SET wal_level = logical, then a restart), or unset KT_DATABASE_URL, so that one is started.',
    )
  } finally {
    await client.end()
  }
}
