import { errors } from '@elastic/elasticsearch'
import { createSync } from '@kt/sync'
import type { Role, Sync } from '@kt/sync'
import { KtError } from '@kt/core'
import type { Logger } from '@kt/core'
import config, { kafka } from '../../kt.config.ts'
import { OverdueMessages } from './overdue-messages.ts'

/** Messages that the workers have not finished yet, wherever they run. */
export interface Lag {
  readonly indexer: number
  /** Changed countries whose cities have not been sent yet, and large countries that have been sent in part. */
  readonly cascade: number
  /** Messages in the delay topic that were due a second ago, and that the Delayer has not re-sent yet. */
  readonly overdue: number
  /** Messages in the delay topic that wait until they are due. They are the safety net, and no backlog. */
  readonly delayed: number
  /** Messages that were given up. */
  readonly deadLetters: number
}

/** Reads how the workers are. */
export class LagReader {
  readonly #sync: Sync
  readonly #overdue: OverdueMessages

  constructor(logger: Logger) {
    // Short timeouts, so that the page soon shows that Kafka is down.
    const impatient = { ...kafka, connectionTimeout: 1_000, requestTimeout: 2_000, retry: { retries: 1 } }
    this.#sync = createSync({ ...config, kafka: impatient, logger })
    this.#overdue = new OverdueMessages(impatient, this.#sync.topology)
  }

  /** @throws the errors of kafkajs and Elasticsearch while they are down */
  async read(): Promise<Lag> {
    const [status, overdue] = await Promise.all([this.#sync.status(), this.#overdue.count()])
    const { groups, deadLetters, away } = status
    const [problem] = away
    if (problem?.service === 'search engine') throw new errors.ConnectionError(problem.message)
    if (problem !== undefined) throw new KtError('KT_SERVICE_AWAY', problem.message, { retryable: true })
    const lagOf = (role: Role): number => sum(groups.flatMap((each) => (each.role === role ? each.lag : [])))
    return {
      indexer: lagOf('indexer'),
      cascade: lagOf('cascades'),
      overdue,
      delayed: Math.max(0, lagOf('delayer') - overdue),
      deadLetters: sum(deadLetters.map(({ open }) => open)),
    }
  }

  async close(): Promise<void> {
    await this.#overdue.close()
    await this.#sync.close()
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((all, each) => all + each, 0)
}
