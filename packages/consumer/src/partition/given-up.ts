import type { Message } from '@kt/core'

/** What a member knows about the messages of a partition that the group has given up. */
export interface GivenUp {
  /** The first offset that this member has read. About earlier ones it knows nothing. */
  readonly since: bigint
  /** The last offset that was given up; undefined if none was. */
  readonly last: bigint | undefined
}

/** Collects what one member knows about a partition. */
export class GivenUpLog {
  #since: bigint | undefined
  #last: bigint | undefined

  /** Records where reading begins. */
  begin(offset: bigint): void {
    this.#since = offset
    this.#last = undefined
  }

  add(messages: readonly Pick<Message, 'offset'>[]): void {
    for (const { offset } of messages)
      if (this.#last === undefined || offset > this.#last) this.#last = offset
  }

  /** The metadata for a commit; null as long as nothing was read. */
  get metadata(): string | null {
    return this.#since === undefined ? null : `kt1 ${this.#since} ${this.#last ?? 'none'}`
  }
}

/** @returns undefined if the metadata are not those of a GivenUpLog */
export function decodeGivenUp(metadata: string | null): GivenUp | undefined {
  const [, since, last] = /^kt1 (\d+) (\d+|none)$/.exec(metadata ?? '') ?? []
  if (since === undefined || last === undefined) return undefined
  return { since: BigInt(since), last: last === 'none' ? undefined : BigInt(last) }
}

/** Whether a message may have been given up that has this offset or a higher one. */
export function mayHaveGivenUp(known: GivenUp | undefined, from: bigint): boolean {
  if (known === undefined || known.since > from) return true
  return known.last !== undefined && known.last >= from
}
