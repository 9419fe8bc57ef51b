import { IndexMonitor } from '@kt/consumer'
import type { IndexedOutcome, WaitForIndexedOptions } from '@kt/consumer'
import type { Reindexer } from '@kt/reindexer'
import type { Model } from 'sequelize'
import type { ResolvedConfig } from '../config/resolve-config.ts'
import type { Topology } from '../config/topology.ts'
import type { Connections } from '../connections.ts'
import { indexMissing } from '../when-caught-up.ts'

export type WaitOptions = WaitForIndexedOptions

/** How long the group of an alias is remembered. */
const rememberedMs = 5_000

interface Known {
  readonly group: string
  readonly monitor: IndexMonitor
  readonly untilMs: number
}

/** Waits for changes to be indexed. The consumer group of an alias changes with each re-index. */
export class IndexMonitors {
  readonly #config: ResolvedConfig
  readonly #topology: Topology
  readonly #connections: Connections
  readonly #known = new Map<string, Known>()

  constructor(config: ResolvedConfig, topology: Topology, connections: Connections) {
    this.#config = config
    this.#topology = topology
    this.#connections = connections
  }

  async waitForIndexed(
    token: string,
    reindexer: Reindexer<Model>,
    alias: string,
    options: WaitOptions,
  ): Promise<IndexedOutcome> {
    const { monitor } = await this.#of(alias, reindexer)
    return monitor.waitForIndexed(token, options)
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#known.values(), ({ monitor }) => monitor.close()))
  }

  async #of(alias: string, reindexer: Reindexer<Model>): Promise<Known> {
    const known = this.#known.get(alias)
    if (known !== undefined && known.untilMs > performance.now()) return known
    const active = (await reindexer.generations()).find(({ isActive }) => isActive)
    if (active === undefined) throw indexMissing(alias)
    const isSame = known?.group === active.group
    const monitor = isSame ? known.monitor : this.#create(alias, active.group)
    if (!isSame) void known?.monitor.close()
    const found = { group: active.group, monitor, untilMs: performance.now() + rememberedMs }
    this.#known.set(alias, found)
    return found
  }

  #create(alias: string, name: string): IndexMonitor {
    const { indexes, search } = this.#config
    const model = indexes.find((index) => index.name === alias)?.model
    if (model === undefined) throw indexMissing(alias)
    const { indices } = search
    return new IndexMonitor({
      kafka: this.#connections.kafka,
      topic: this.#topology.topicOf(model),
      name,
      cascades: this.#topology.cascades.filter((each) => each.alias === alias),
      refresh: async () => indices.refresh({ index: alias } as never, {} as never),
    })
  }
}
