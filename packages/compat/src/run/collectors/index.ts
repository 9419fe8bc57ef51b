import type { Case } from '../../cases/case.ts'
import type { Collector } from './collector.ts'
import { openElasticCollector } from './elastic.ts'
import { openNewRelicCollector } from './newrelic.ts'

const noCollector: Collector = {
  env: {},
  evidence: () => ({}),
  [Symbol.asyncDispose]: () => Promise.resolve(),
}

/** Opens the server that the case's agent sends to, if it needs one. */
export async function openCollector({ collector }: Case): Promise<Collector> {
  if (collector === 'elastic') return openElasticCollector()
  if (collector === 'newrelic') return openNewRelicCollector()
  return noCollector
}
