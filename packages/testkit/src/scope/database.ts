import { Client } from 'pg'

export interface TestDatabase {
  readonly url: string
  /** Drops the database, even with open connections. */
  drop(): Promise<void>
}

/** Creates an empty database on the server of `serverUrl`. */
export async function createDatabase(serverUrl: string, name: string): Promise<TestDatabase> {
  // Copying files is faster than logging each block, and nothing else writes to the template.
  await execute(serverUrl, `CREATE DATABASE "${name}" TEMPLATE template0 STRATEGY file_copy`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return {
    url: url.href,
    drop: () => execute(serverUrl, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`),
  }
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
