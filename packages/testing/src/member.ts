import type { KtError, Message, MessageHandler } from '@kt/core'

/** A worker of a consumer group. */
export interface Member {
  readonly handler: MessageHandler
  readonly batchSize: number
  /** The only partition that it wants. Without it, the member gets a share of all partitions. */
  readonly partition: number | undefined
  readonly deadLetter: ((message: Message, error: KtError) => Promise<void>) | undefined
  /** Whether it is closing, and takes no further batch. */
  isEnding: boolean
}

/**
 * The owner of each partition. One that members ask for goes to the first of them; the others are standbys. The rest
 * goes to the members that ask for none, in turn. The result depends only on the order in which they joined.
 */
export function ownersOf(members: readonly Member[], partitions: number): readonly (Member | undefined)[] {
  const sharers = members.filter(({ partition }) => partition === undefined)
  let shared = 0
  return Array.from(
    { length: partitions },
    (_, partition) =>
      members.find((each) => each.partition === partition) ?? sharers[shared++ % sharers.length],
  )
}
