import { encodePayload } from '@kt/core'
import type { Payload, References } from '@kt/core'
import { noReferences, uniteReferences } from '../model/references.ts'
import type { Change, Destination, OutgoingChange } from './change.ts'

type Topics = Pick<Destination, 'topic' | 'delayTopic'>

/** A change that is not packed, ready to be sent. */
export class LiveChange implements OutgoingChange {
  readonly key: string
  readonly payload: Payload
  readonly references: References
  readonly changed: string | undefined
  /** Decides between the changes that two owners made to a record: the higher one wins. */
  readonly order: number
  readonly #destination: Topics
  #value: string | undefined

  constructor(destination: Topics, { key, payload, references, value, changed }: Change, order: number) {
    this.#destination = destination
    this.key = key
    this.payload = payload
    this.references = references
    this.changed = changed
    this.order = order
    this.#value = value
  }

  get topic(): string {
    return this.#destination.topic
  }

  get delayTopic(): string {
    return this.#destination.delayTopic
  }

  /** JSON, and so without line breaks. */
  get value(): string {
    return (this.#value ??= encodePayload(withReferences(this)))
  }

  /** Whether this produces the same message as another change with the same destination. */
  isSameAs(other: LiveChange): boolean {
    if (this.key !== other.key || this.changed !== other.changed) return false
    // Most payloads are only an id. Encode such a payload once for both.
    const isEncoded = this.#value !== undefined && other.#value !== undefined
    if (!isEncoded && isId(this.payload, other.payload) && areSame(this.references, other.references)) {
      this.#value = other.#value ??= this.#value
      return true
    }
    return this.value === other.value
  }
}

/** Merges two changes of a record: the last payload, with all references and all changed columns. */
export function later(first: Change, { key, payload, references, changed }: Change): Change {
  return {
    key,
    payload,
    references: uniteReferences(first.references, references),
    changed: uniteChanged(first.changed, changed),
  }
}

function uniteChanged(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return undefined
  if (one === other) return one
  return [...new Set([...one.split(','), ...other.split(',')])].join(',')
}

/** Whether both payloads consist of the same id alone. */
function isId(one: Payload, other: Payload): boolean {
  return one.id === other.id && Object.keys(one).length === 1 && Object.keys(other).length === 1
}

/** The payload as it is sent: the user's payload, and references if there are any. */
function withReferences({ payload, references }: Change): Payload {
  if (hasNone(references)) return payload
  const own = payload['references']
  const united =
    typeof own === 'object' && own !== null && !Array.isArray(own)
      ? uniteReferences(own as References, references)
      : references
  return { ...payload, references: united }
}

function areSame(some: References, others: References): boolean {
  if (some === others) return true
  const names = Object.keys(some)
  return (
    names.length === Object.keys(others).length &&
    names.every((name) => {
      const [ids, otherIds] = [some[name], others[name]]
      return ids?.length === otherIds?.length && ids?.every((id, index) => id === otherIds?.[index])
    })
  )
}

function hasNone(references: References): boolean {
  return references === noReferences || Object.keys(references).length === 0
}
