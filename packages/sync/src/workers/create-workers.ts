import { cascades } from '@kt/model-index'
import { Delayer } from '@kt/delayer'
import { openTransactions } from '@kt/sequelize-stream'
import { optionChecker } from '@kt/core/internal'
import type { MessageConsumer, MessageProducer } from '@kt/core'
import type { Reindexer } from '@kt/reindexer'
import type { Model } from 'sequelize'
import type { ResolvedConfig } from '../config/resolve-config.ts'
import type { Topology } from '../config/topology.ts'
import { roles } from './roles.ts'
import type { Role, Worker } from './roles.ts'

export interface WorkerParts {
  readonly config: ResolvedConfig
  readonly topology: Topology
  readonly consumer: MessageConsumer
  readonly producer: MessageProducer
  /** By the name of the index. */
  readonly reindexers: ReadonlyMap<string, Reindexer<Model>>
}

const check = optionChecker('run')

/** What the workers' classes share. */
type Runnable = Omit<Worker, 'role' | 'name'>

/** Creates the workers of some roles. Does no I/O. */
export function createWorkers(parts: WorkerParts, only: readonly Role[]): readonly Worker[] {
  const create: Record<Role, () => readonly Worker[]> = {
    indexer: () => Array.from(parts.reindexers, ([name, reindexer]) => named('indexer', name, reindexer)),
    delayer: () => [named('delayer', parts.topology.delayGroup, newDelayer(parts))],
    cascades: () => newCascades(parts),
    relay: () => newRelay(parts),
  }
  return [...new Set(only)].flatMap((role) => create[check.oneOf('only', role, roles)]())
}

function newDelayer({ config, topology, consumer, producer }: WorkerParts): Delayer {
  const { delayMs, sequelize, logger, meter } = config
  return new Delayer({
    consumer,
    producer,
    topic: topology.delayTopic,
    name: topology.delayGroup,
    delayMs,
    transactions: openTransactions(sequelize),
    logger,
    meter,
  })
}

function newCascades({ config, topology, consumer, producer }: WorkerParts): readonly Worker[] {
  const { indexes, logger, meter } = config
  if (topology.lane === undefined) return []
  const { topicOf: topic, lane } = topology
  const worker = cascades(indexes, { consumer, producer, topic, lane, logger, meter })
  return [named('cascades', worker.names.join(', '), worker)]
}

function newRelay({ config, producer }: WorkerParts): readonly Worker[] {
  const { outbox, logger, meter } = config
  return outbox === undefined ? [] : [named('relay', 'outbox', outbox.relay({ producer, logger, meter }))]
}

function named(role: Role, name: string, worker: Runnable): Worker {
  return {
    role,
    name,
    run: (options) => worker.run(options),
    whenCaughtUp: (options) => worker.whenCaughtUp(options),
    lag: () => worker.lag(),
    isReady: () => worker.isReady(),
    close: () => worker.close(),
  }
}
