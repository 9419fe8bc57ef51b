import { sleep } from '@kt/core/internal'
import type { Scenario, Stage } from '../scenario.ts'
import { away } from './away.ts'

const bySearchProxy: NonNullable<Scenario['addresses']> = ({ proxies }) => ({
  elasticsearchUrl: proxies.search.url,
})
const byTcpProxy: NonNullable<Scenario['addresses']> = ({ proxies }) => ({
  elasticsearchUrl: `http://${proxies.elasticsearch.address}`,
})

/** How much later a slow Elasticsearch answers. */
const latencyMs = 1_000

/** Failures of Elasticsearch. */
export const elasticsearchScenarios: readonly Scenario[] = [
  {
    name: 'elasticsearch-killed',
    what: (seconds) => `Elasticsearch killed for ${seconds} s`,
    disturb: away(
      ({ services }) => services.elasticsearch.kill(),
      ({ services }) => services.elasticsearch.start(),
    ),
  },
  {
    name: 'elasticsearch-frozen',
    what: (seconds) => `Elasticsearch frozen for ${seconds} s`,
    disturb: away(
      ({ services }) => services.elasticsearch.pause(),
      ({ services }) => services.elasticsearch.resume(),
    ),
  },
  {
    name: 'elasticsearch-429',
    what: (seconds) => `429 for all requests, then for half of the documents, ${seconds} s in all`,
    addresses: bySearchProxy,
    disturb: (stage) => refuse(stage, 429, 'es_rejected_execution_exception'),
  },
  {
    name: 'elasticsearch-503',
    what: (seconds) => `503 for all requests, then for half of the documents, ${seconds} s in all`,
    addresses: bySearchProxy,
    disturb: (stage) => refuse(stage, 503, 'unavailable_shards_exception'),
  },
  {
    name: 'elasticsearch-slow',
    what: (seconds) => `Elasticsearch answers ${2 * latencyMs} ms later for ${seconds} s`,
    addresses: byTcpProxy,
    disturb: away(
      ({ services }) => services.proxies.elasticsearch.slow(latencyMs),
      ({ services }) => services.proxies.elasticsearch.pass(),
    ),
  },
]

async function refuse({ services, outageMs }: Stage, status: number, type: string): Promise<void> {
  const { search } = services.proxies
  search.failAllRequests({ status, type })
  await sleep(outageMs / 2)
  search.failAllRequests(undefined)
  search.failItems(() => (Math.random() < 0.5 ? { status, type } : undefined))
  await sleep(outageMs / 2)
  search.failItems(() => undefined)
}
