import { IndexMonitor } from '@kt/consumer'
import type { IndexedOutcome, WaitForIndexedOptions } from '@kt/consumer'
import { indexMissing } from '../index-missing.ts'
import type { SyncParts } from '../parts.ts'

/** How long the group of an alias is remembered. */
const rememberedMs = 5_000

interface Known {
  readonly group: Promise<string>
  readonly untilMs: number
}

/**
 * Waits for changes to be indexed. The consumer group of an alias changes with each re-index. The monitor of a former one
 * is kept, because requests may still wait for it.
 */
export class IndexMonitors {
  readonly #parts: SyncParts
  readonly #groups = new Map<string, Known>()
  /** By group. */
  readonly #monitors = new Map<string, IndexMonitor>()

  constructor(parts: SyncParts) {
    this.#parts = parts
  }

  async waitForIndexed(
    token: string,
    alias: string,
    options: WaitForIndexedOptions,
  ): Promise<IndexedOutcome> {
    const group = await this.#groupOf(alias)
    let monitor = this.#monitors.get(group)
    if (monitor === undefined) this.#monitors.set(group, (monitor = this.#create(alias, group)))
    return monitor.waitForIndexed(token, options)
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#monitors.values(), (monitor) => monitor.close()))
  }

  #groupOf(alias: string): Promise<string> {
    const known = this.#groups.get(alias)
    if (known !== undefined && known.untilMs > performance.now()) return known.group
    const group = this.#find(alias)
    this.#groups.set(alias, { group, untilMs: performance.now() + rememberedMs })
    // The next call tries again.
    group.catch(() => this.#groups.delete(alias))
    return group
  }

  async #find(alias: string): Promise<string> {
    const generations = await this.#parts.reindexer(alias).generations()
    const active = generations.find(({ isActive }) => isActive)
    if (active === undefined) throw indexMissing(alias)
    return active.group
  }

  #create(alias: string, name: string): IndexMonitor {
    const { config, topology, connections } = this.#parts
    const { indices } = config.search
    return new IndexMonitor({
      kafka: connections.kafka,
      topic: topology.topicOf(this.#parts.index(alias).model),
      name,
      cascades: topology.cascades.filter((each) => each.alias === alias),
      refresh: async () => indices.refresh({ index: alias } as never, {} as never),
    })
  }
}
