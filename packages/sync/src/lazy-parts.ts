import { KtError } from '@kt/core'
import { Reindexer } from '@kt/reindexer'
import { UpdateStreamer } from '@kt/sequelize-stream'
import { Verifier } from '@kt/verifier'
import type { Model } from 'sequelize'
import type { ConfiguredIndex, ResolvedConfig } from './config/resolve-config.ts'
import { topologyOf } from './config/topology.ts'
import type { Topology } from './config/topology.ts'
import { Connections } from './connections.ts'
import type { SyncParts } from './parts.ts'
import { whenAllCaughtUp, whenCascaded } from './when-caught-up.ts'

/** Everything that a configuration composes, each created when it is first needed. */
export class LazyParts implements SyncParts {
  readonly config: ResolvedConfig
  readonly topology: Topology
  readonly connections: Connections
  readonly #reindexers = new Map<string, Reindexer<Model>>()
  #streamer: UpdateStreamer | undefined

  /** @throws KtError `KT_OPTION_INVALID` */
  constructor(config: ResolvedConfig) {
    this.config = config
    this.topology = topologyOf(config)
    this.connections = new Connections(config)
  }

  /** The streamer of this process, if something was streamed. */
  get existingStreamer(): UpdateStreamer | undefined {
    return this.#streamer
  }

  get streamer(): UpdateStreamer {
    if (this.#streamer !== undefined) return this.#streamer
    const { delayMs, outbox, logger, meter, memory } = this.config
    this.#streamer = new UpdateStreamer({
      producer: this.connections.producer,
      delayTopic: this.topology.delayTopic,
      delayMs,
      ...(outbox && { whenUnavailable: outbox }),
      logger,
      meter,
    })
    memory?.attach(this.#streamer)
    return this.#streamer
  }

  /** @throws KtError `KT_OPTION_INVALID` when no index has this alias */
  index(alias: string): ConfiguredIndex {
    const index = this.config.indexes.find(({ name }) => name === alias)
    if (index !== undefined) return index
    const names = this.config.indexes.map(({ name }) => `"${name}"`).join(', ')
    throw new KtError('KT_OPTION_INVALID', `No index is named "${alias}". There are ${names || 'none'}`, {
      retryable: false,
    })
  }

  /** @throws KtError `KT_OPTION_INVALID` when no index has this alias */
  reindexer(alias: string): Reindexer<Model> {
    const index = this.index(alias)
    let reindexer = this.#reindexers.get(alias)
    if (reindexer === undefined) this.#reindexers.set(alias, (reindexer = this.#newReindexer(index)))
    return reindexer
  }

  /** The Reindexers that were used. */
  get existingReindexers(): readonly Reindexer<Model>[] {
    return [...this.#reindexers.values()]
  }

  /** @throws KtError `KT_OPTION_INVALID` when no index has this alias */
  verifier(alias: string, options: { readonly recordsPerSecond?: number }): Verifier<Model> {
    const index = this.index(alias)
    const { search, reindexer, logger, meter } = this.config
    return new Verifier({
      ...reindexer.verifier,
      ...options,
      index,
      client: search,
      whenCaughtUp: ({ signal }) => whenAllCaughtUp(this, { signal, aliases: [alias] }),
      heal: { producer: this.connections.producer, topic: this.topology.topicOf(index.model) },
      logger,
      meter,
    })
  }

  #newReindexer(index: ConfiguredIndex): Reindexer<Model> {
    const { previous, search, reindexer, logger, meter } = this.config
    const { connections, topology } = this
    const cascading = topology.cascades.filter(({ alias }) => alias === index.name)
    return new Reindexer({
      ...reindexer,
      index,
      previous: previous.filter(({ name }) => name === index.name),
      client: search,
      consumer: connections.consumer,
      producer: connections.producer,
      topic: topology.topicOf(index.model),
      versions: connections.tickets,
      whenCascaded: ({ signal }) => whenCascaded(connections, cascading, { signal }),
      logger,
      meter,
    })
  }
}
