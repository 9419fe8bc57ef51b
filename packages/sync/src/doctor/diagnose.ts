import { errorFields, KtError } from '@kt/core'
import { accessAdvice, isAccessRefused, within } from '@kt/core/internal'
import { unseenChanges } from '@kt/model-index'
import { statusOf } from '../status/status.ts'
import type { SyncParts } from '../parts.ts'
import { checkDatabase, nameOf } from './check-database.ts'
import { checkKafka } from './check-kafka.ts'
import { checkIndexes, checkSearch } from './check-search.ts'
import { unseenFindings, workerFindings } from './check-workers.ts'
import type { Check, Finding } from './finding.ts'

export interface DiagnoseOptions {
  /** Called when a part begins. */
  readonly onCheck?: (name: string) => void
}

/** A service that doesn't answer for so long is away. */
const timeoutMs = 20_000

/**
 * Looks for all that loses, delays or rejects changes: services that are away, versions, rights, settings of topics,
 * indexes, workers, long transactions. Changes nothing, but takes a read ticket. Never rejects: a check that fails is a
 * finding, too. In memory there is nothing to ask, and the models alone are looked at.
 */
export async function diagnose(parts: SyncParts, { onCheck }: DiagnoseOptions): Promise<readonly Finding[]> {
  const { config, topology, connections } = parts
  const unseen = unseenFindings(unseenChanges(config.indexes))
  if (config.memory !== undefined) return unseen
  // It is checked with the database.
  const withoutOutbox: SyncParts = {
    config: { ...config, outbox: undefined },
    topology,
    connections,
    index: (alias) => parts.index(alias),
    reindexer: (alias) => parts.reindexer(alias),
  }
  const services: readonly Check[] = [
    { name: 'Kafka', run: () => checkKafka(config, topology) },
    { name: 'database', run: () => checkDatabase(config, connections) },
    { name: 'search engine', run: () => checkSearch(parts) },
  ]
  const findings = await Promise.all(services.map((check) => guarded(check, onCheck)))
  const isAnyAway = findings.flat().some(({ code }) => code === 'unreachable')
  const more: readonly Check[] = [
    { name: 'indexes', run: () => checkIndexes(parts) },
    { name: 'workers', run: async () => workerFindings(await statusOf(withoutOutbox)) },
  ]
  return [
    ...findings.flat(),
    ...unseen,
    // Nothing new would come out.
    ...(isAnyAway ? [] : await Promise.all(more.map((check) => guarded(check, onCheck)))).flat(),
  ]
}

async function guarded(check: Check, onCheck: DiagnoseOptions['onCheck']): Promise<readonly Finding[]> {
  const { name, run } = check
  onCheck?.(name)
  const timedOut = (): KtError =>
    new KtError('KT_SERVICE_AWAY', `The check of ${name} did not end within ${timeoutMs / 1_000} s`, {
      retryable: true,
    })
  try {
    return await within(timeoutMs, run(), timedOut)
  } catch (error) {
    return [isAccessRefused(error) ? notPermitted(name) : unreachable(name, error)]
  }
}

function notPermitted(subject: string): Finding {
  return {
    code: 'not-permitted',
    severity: 'warning',
    subject,
    message: 'It refuses to answer some questions, so not everything could be checked',
    remedy: accessAdvice,
  }
}

function unreachable(subject: string, error: unknown): Finding {
  const { code, type } = errorFields(error) as { readonly code?: string; readonly type?: string }
  return {
    code: 'unreachable',
    severity: 'error',
    subject,
    message: `It does not answer as it should (${code ?? type ?? nameOf(error)})`,
    remedy: 'check its address and the credentials in the configuration, and that it runs',
  }
}
