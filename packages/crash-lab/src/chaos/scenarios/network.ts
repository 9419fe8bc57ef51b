import type { TcpFaultProxy } from 'testkit'
import { rejectsInTime } from '../rejected-in-time.ts'
import type { Scenario, Stage } from '../scenario.ts'
import type { ChaosServices } from '../services.ts'
import { again, away } from './away.ts'

/** The network between all processes and one service. */
interface Network {
  readonly way: Pick<Scenario, 'kafka' | 'addresses' | 'catchUpMs'>
  readonly service: string
  readonly name: string
  readonly proxy: (services: ChaosServices) => TcpFaultProxy
  /** A check that runs while nothing comes through. */
  readonly meanwhile?: (stage: Stage) => Promise<void>
}

const networks: readonly Network[] = [
  {
    service: 'Kafka',
    name: 'kafka',
    way: { kafka: 'proxied', addresses: ({ proxies }) => ({ brokers: [proxies.kafka.address] }) },
    proxy: ({ proxies }) => proxies.kafka,
    meanwhile: rejectsInTime,
  },
  {
    service: 'Elasticsearch',
    name: 'elasticsearch',
    way: { addresses: ({ proxies }) => ({ elasticsearchUrl: `http://${proxies.elasticsearch.address}` }) },
    proxy: ({ proxies }) => proxies.elasticsearch,
  },
  {
    service: 'PostgreSQL',
    name: 'postgres',
    way: {
      addresses: ({ proxies }, { databaseUrl }) => ({
        databaseUrl: Object.assign(new URL(databaseUrl), { host: proxies.database.address }).href,
      }),
      // A writer waits for its statement, and then for the rollback, until each reaches its query timeout.
      catchUpMs: 25_000,
    },
    proxy: ({ proxies }) => proxies.database,
  },
]

/** Failures of connections. */
export const networkScenarios: readonly Scenario[] = networks.flatMap((network) => [
  resetScenario(network),
  blackHoleScenario(network),
])

function resetScenario({ service, name, proxy, way }: Network): Scenario {
  return {
    ...way,
    name: `${name}-reset`,
    what: (seconds) => `all connections to ${service} reset every half second for ${seconds} s`,
    disturb: again(500, ({ services }) => proxy(services).reset()),
  }
}

/** Existing connections are lost for good, so a client that waits for an answer has to time out. */
function blackHoleScenario({ service, name, proxy, meanwhile, way }: Network): Scenario {
  return {
    ...way,
    name: `${name}-black-hole`,
    what: (seconds) => `a black hole in front of ${service} for ${seconds} s`,
    disturb: away(
      ({ services }) => proxy(services).blackHole(),
      ({ services }) => proxy(services).pass(),
      meanwhile,
    ),
  }
}
