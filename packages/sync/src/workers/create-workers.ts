import { optionChecker } from '@kt/core/internal'
import { Delayer } from '@kt/delayer'
import { Indexer } from '@kt/indexer'
import { cascades } from '@kt/model-index'
import { openTransactions } from '@kt/sequelize-stream'
import type { Model } from 'sequelize'
import type { ConfiguredIndex } from '../config/resolve-config.ts'
import type { SyncParts } from '../parts.ts'
import { roles } from './roles.ts'
import type { Role, Worker } from './roles.ts'

const check = optionChecker('run')

/**
 * Creates the workers of some roles. Does no I/O.
 *
 * @throws KtError `KT_OPTION_INVALID` for an unknown role, and when there would be no worker at all
 */
export function createWorkers(parts: SyncParts, only: readonly Role[]): readonly Worker[] {
  const create: Record<Role, () => readonly Worker[]> = {
    indexer: () =>
      parts.config.indexes.map((index) => named('indexer', index.name, newIndexer(parts, index))),
    delayer: () => [named('delayer', parts.topology.delayGroup, newDelayer(parts))],
    cascades: () => newCascades(parts),
    relay: () => newRelay(parts),
  }
  const workers = [...new Set(only)].flatMap((role) => create[check.oneOf('only', role, roles)]())
  if (workers.length === 0)
    check.fail(
      'only',
      `roles that this configuration has: there are cascades only if documents contain other records, and a relay only with an outbox`,
    )
  return workers
}

/** In memory there are no aliases, and one process that reads in order needs no read tickets. */
function newIndexer(parts: SyncParts, index: ConfiguredIndex): Omit<Worker, 'role' | 'name'> {
  const { config, topology, connections } = parts
  if (config.memory === undefined) return parts.reindexer(index.name)
  return new Indexer<Model>({
    ...config.reindexer.indexer,
    index,
    client: config.search,
    topic: topology.topicOf(index.model),
    name: index.name,
    consumer: connections.consumer,
    deadLetters: connections.producer,
    logger: config.logger,
    meter: config.meter,
  })
}

function newDelayer({ config, topology, connections }: SyncParts): Delayer {
  const { delayMs, sequelize, logger, meter } = config
  return new Delayer({
    consumer: connections.consumer,
    producer: connections.producer,
    topic: topology.delayTopic,
    name: topology.delayGroup,
    delayMs,
    transactions: openTransactions(sequelize),
    logger,
    meter,
  })
}

function newCascades({ config, topology, connections }: SyncParts): readonly Worker[] {
  const { consumer, producer } = connections
  const { indexes, logger, meter } = config
  const { topicOf: topic, lane } = topology
  if (lane === undefined) return []
  const worker = cascades(indexes, { consumer, producer, topic, lane, logger, meter })
  return [named('cascades', worker.names.join(', '), worker)]
}

function newRelay({ config: { outbox, logger, meter }, connections }: SyncParts): readonly Worker[] {
  if (outbox === undefined) return []
  return [named('relay', 'outbox', outbox.relay({ producer: connections.producer, logger, meter }))]
}

function named(role: Role, name: string, worker: Omit<Worker, 'role' | 'name'>): Worker {
  return {
    role,
    name,
    run: (options) => worker.run(options),
    isReady: () => worker.isReady(),
    close: () => worker.close(),
  }
}
