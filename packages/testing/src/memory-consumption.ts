import { KtError } from '@kt/core'
import { optionChecker } from '@kt/core/internal'
import type { BehindOptions, CatchUpOptions, Consumption } from '@kt/core'
import type { Group } from './group.ts'
import type { Member } from './member.ts'
import type { PartitionWorker } from './partition-worker.ts'

/** A worker that has joined its group. */
export class MemoryConsumption implements Consumption {
  readonly #group: Group
  readonly #member: Member
  readonly #workers: readonly PartitionWorker[]
  readonly #onClosed: () => void
  #closing: Promise<void> | undefined

  constructor(group: Group, member: Member, onClosed: () => void) {
    this.#group = group
    this.#member = member
    this.#onClosed = onClosed
    this.#workers = group.workers.filter(
      ({ partition }) => member.partition === undefined || member.partition === partition,
    )
  }

  async whenCaughtUp({ timeoutMs = 60_000, ends, signal }: CatchUpOptions = {}): Promise<void> {
    const goals = ends ?? (await this.ends())
    const open = (): readonly PartitionWorker[] =>
      this.#workers.filter(({ partition, position }) => position < (goals.get(partition) ?? 0n))
    for (const worker of open()) worker.retry()
    const outcome = await this.#group.context.changes.until(
      () => {
        const waiting = open()
        if (waiting.length === 0) return true
        if (signal?.aborted === true) return false
        if (this.#closing !== undefined) throw workerClosed()
        const failure = waiting.find((worker) => worker.failure !== undefined)?.failure
        if (failure !== undefined) throw this.#behind('because its handler keeps failing', failure.error)
        return false
      },
      { timeoutMs, signal },
    )
    if (outcome === 'aborted')
      throw new KtError('KT_ABORTED', 'whenCaughtUp was aborted', { retryable: false })
    if (outcome === 'late') throw this.#behind(`after ${timeoutMs} ms; does a message wait for the clock?`)
  }

  async lag(): Promise<bigint> {
    return this.#workers.reduce((sum, { lag }) => sum + lag, 0n)
  }

  async isBehind({ ageMs = 5_000 }: BehindOptions = {}): Promise<boolean> {
    optionChecker('isBehind').integer('ageMs', ageMs)
    return this.#workers.some((worker) => worker.isBehind(ageMs))
  }

  async ends(): Promise<ReadonlyMap<number, bigint>> {
    return new Map(this.#workers.map(({ partition }) => [partition, this.#group.topic.end(partition)]))
  }

  isReady(): boolean {
    return this.#closing === undefined
  }

  close(): Promise<void> {
    this.#closing ??= this.#group.leave(this.#member).finally(this.#onClosed)
    this.#group.context.changes.notify()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #behind(why: string, cause?: unknown): KtError {
    const { name, topic } = this.#group
    return new KtError('KT_CATCH_UP_TIMEOUT', `"${name}" is still behind in "${topic.name}" ${why}`, {
      retryable: true,
      ...(cause !== undefined && { cause }),
    })
  }
}

function workerClosed(): KtError {
  return new KtError('KT_CLOSED', 'The worker was closed', { retryable: false })
}
