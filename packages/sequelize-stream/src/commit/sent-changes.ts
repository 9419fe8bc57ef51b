import { AsyncLocalStorage } from 'node:async_hooks'
import type { ChangeToken, OffsetRange, WrittenRanges } from '@kt/core'

/** By topic: where instant messages were written. */
export type WrittenTopics = ReadonlyMap<string, WrittenRanges>

/** The changes of a committed transaction, and where their instant messages are. */
export interface SentChanges {
  readonly changeId: string
  readonly topics: readonly string[]
  /** Undefined for changes whose instant messages could not be sent. */
  readonly written: WrittenTopics | undefined
}

/** One call of `track`, within another one or not. */
interface Scope {
  readonly sent: Promise<SentChanges>[]
  readonly outer: Scope | undefined
}

/** The transactions that commit within calls of `track`. */
export class TrackedTransactions {
  readonly #scopes = new AsyncLocalStorage<Scope>()

  track<T>(work: () => T): T {
    return this.#scopes.run({ sent: [], outer: this.#scopes.getStore() }, work)
  }

  /** Records a transaction that commits in the current scope, if there is one. */
  add(sent: Promise<SentChanges>): void {
    for (let scope = this.#scopes.getStore(); scope !== undefined; scope = scope.outer) scope.sent.push(sent)
  }

  /** The transactions of the current scope; undefined outside of one. */
  get current(): readonly Promise<SentChanges>[] | undefined {
    return this.#scopes.getStore()?.sent
  }
}

/** Combines the changes of several transactions. */
export function toChangeToken(all: readonly SentChanges[]): ChangeToken {
  const ranges = new Map<string, WrittenRanges>()
  const delayed = new Set<string>()
  for (const { topics, written } of all)
    for (const topic of topics) {
      const partitions = written?.get(topic)
      if (partitions === undefined) delayed.add(topic)
      else ranges.set(topic, united(ranges.get(topic), partitions))
    }
  return {
    changeIds: all.map(({ changeId }) => changeId),
    written: ranges,
    delayed: [...delayed],
  }
}

/** Combines two results of writing to a topic. */
export function united(known: WrittenRanges | undefined, more: WrittenRanges): WrittenRanges {
  const result = new Map<number, OffsetRange>(known ?? [])
  for (const [partition, range] of more) {
    const { from, end } = result.get(partition) ?? range
    result.set(partition, {
      from: range.from < from ? range.from : from,
      end: range.end > end ? range.end : end,
    })
  }
  return result
}
