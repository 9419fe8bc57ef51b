import { KtError } from '@kt/core'
import { mayPass, within } from '@kt/core/internal'
import { indexerGroups } from '../groups.ts'
import type { SyncParts } from '../parts.ts'
import { withAdmin } from '../topics.ts'

/** What a `Sync` depends on. */
export type Service = 'Kafka' | 'database' | 'search engine'

export const services: readonly Service[] = ['Kafka', 'database', 'search engine']

/** A service that accepts connections may still never answer. */
const timeoutMs = 10_000

/**
 * Resolves with what a service answers.
 *
 * @throws KtError `KT_SERVICE_AWAY`, naming the service; the service's own error when a retry would not mend it
 */
export async function answerOf<T>(service: Service, asking: () => Promise<T>): Promise<T> {
  const late = (): KtError => away(service, `did not answer within ${timeoutMs / 1_000} s`)
  try {
    return await within(timeoutMs, asking(), late)
  } catch (cause) {
    if (KtError.isInstance(cause, 'KT_SERVICE_AWAY') || !mayPass(cause)) throw cause
    throw away(service, 'does not answer', cause)
  }
}

/**
 * Resolves when all of these services answer.
 *
 * @throws KtError `KT_SERVICE_AWAY`, naming the first that doesn't; the service's own error when it refuses
 */
export async function requireServices(parts: SyncParts, names: readonly Service[]): Promise<void> {
  await Promise.all(names.map((name) => answerOf(name, async () => void (await probes[name](parts)))))
}

const probes: Readonly<Record<Service, (parts: SyncParts) => Promise<unknown>>> = {
  Kafka: ({ config }) => withAdmin(config.newKafka, (admin) => admin.describeCluster()),
  database: ({ config }) => config.sequelize.authenticate({ logging: false }),
  'search engine': indexerGroups,
}

function away(service: Service, what: string, cause?: unknown): KtError {
  const name = service === 'Kafka' ? 'Kafka' : `The ${service}`
  return new KtError('KT_SERVICE_AWAY', `${name} ${what}: check that it runs, and its address`, {
    retryable: true,
    ...(cause !== undefined && { cause }),
  })
}
