import type { StartOffset } from '@kt/core'
import type { Changes } from './changes.ts'
import { ownersOf } from './member.ts'
import type { Member } from './member.ts'
import { PartitionWorker } from './partition-worker.ts'
import type { WorkerContext } from './partition-worker.ts'
import { startTimeout } from './real-timers.ts'
import type { Topic } from './topic.ts'

/** What a group needs of the broker. */
export interface GroupContext extends WorkerContext {
  readonly changes: Changes
  readonly options: { readonly attempts: number; readonly timeoutMs: number }
}

/** The workers of one name that share a topic, and what they have committed. */
export class Group {
  readonly name: string
  readonly topic: Topic
  readonly context: GroupContext
  readonly workers: readonly PartitionWorker[]
  #members: readonly Member[] = []

  constructor(name: string, topic: Topic, context: GroupContext) {
    this.name = name
    this.topic = topic
    this.context = context
    this.workers = Array.from(
      { length: topic.partitionCount },
      (_, partition) => new PartitionWorker(topic, partition, context),
    )
  }

  join(member: Member, from: StartOffset): void {
    const isNew = this.workers.every(({ committed }) => committed === undefined)
    if (from === 'latest' && isNew)
      for (const worker of this.workers) worker.begin(this.topic.end(worker.partition))
    this.#assign([...this.#members, member])
  }

  /**
   * Removes the member once it has finished and committed its current batches. After the broker's time-out it is
   * removed without them, so that they are delivered again.
   */
  async leave(member: Member): Promise<void> {
    member.isEnding = true
    const owned = this.workers.filter(({ owner }) => owner === member)
    let stopTimeout = (): void => undefined
    const late = new Promise<void>((resolve) => {
      stopTimeout = startTimeout(this.context.options.timeoutMs, resolve)
    })
    await Promise.race([Promise.all(owned.map((worker) => worker.whenIdle())), late])
    stopTimeout()
    this.#assign(this.#members.filter((each) => each !== member))
  }

  /** Delivers what has arrived in a partition. */
  wake(partition: number): void {
    this.workers[partition]?.wake()
  }

  #assign(members: readonly Member[]): void {
    this.#members = members
    const owners = ownersOf(members, this.workers.length)
    for (const worker of this.workers) worker.assign(owners[worker.partition])
    this.context.noteActivity()
  }
}
