import { silentLogger } from '@kt/core'
import { createSync } from '@kt/sync'
import type { Sync } from '@kt/sync'
import type { TestScope } from 'testkit'
import type * as example from './example.ts'

export type Example = typeof example & {
  /** Creates a `Sync`, like another process would. */
  readonly newSync: () => Sync
}

/** The environment variables of an entry point: the services, and a prefix of its own. */
export function environmentOf(scope: TestScope, more: Record<string, string> = {}): Record<string, string> {
  return {
    KT_KAFKA_BROKERS: scope.brokers.join(','),
    KT_ELASTICSEARCH_URL: scope.elasticsearchUrl,
    KT_DATABASE_URL: scope.databaseUrl,
    KT_PREFIX: scope.prefix,
    KT_DELAY_MS: '4000',
    PORT: '0',
    ...more,
  }
}

/** Loads the example in this process, with this environment. Once per test file. */
export async function openExample(environment: Readonly<Record<string, string>>): Promise<Example> {
  const before = { ...process.env }
  Object.assign(process.env, environment)
  try {
    const loaded = await import('./example.ts')
    return { ...loaded, newSync: () => createSync({ ...loaded.config, logger: silentLogger }) }
  } finally {
    for (const name of Object.keys(environment)) delete process.env[name]
    Object.assign(process.env, before)
  }
}
