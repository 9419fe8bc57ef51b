import type { Payload } from '@kt/core'
import { actionMetadata, routingText } from './action-metadata.ts'
import type { ActionMetadata } from './action-metadata.ts'
import type { Copies } from './copy-finder.ts'
import type { Entry } from '../entry.ts'
import { formerPayloads } from './former-payloads.ts'
import type { IndexDefinition, OperationOptions } from './index-definition.ts'

/** The metadata of what is done for one record. */
export interface Plan {
  /** Deletes under the routings that the record had. They come first: they may be in the shard of the document. */
  readonly copies: readonly ActionMetadata[]
  /** The index or the delete itself. */
  readonly main: ActionMetadata
}

/** Works out what is done for the records of one read, by the `options` of the index definition. */
export class ActionPlanner<Record> {
  readonly #definition: IndexDefinition<Record>
  readonly #ticket: number | undefined
  readonly #found: Copies
  /** Most records have the same. */
  #usual: Plan | undefined
  #ownVersions = false
  #isRouted = false
  #formerFailure: unknown

  /** @param found the documents that the index was seen to hold */
  constructor(definition: IndexDefinition<Record>, ticket: number | undefined, found: Copies = new Map()) {
    this.#definition = definition
    this.#ticket = ticket
    this.#found = found
  }

  /** Whether the index definition gave versions of its own. */
  get ownVersions(): boolean {
    return this.#ownVersions
  }

  /** Whether any record has, or had, a routing. */
  get isRouted(): boolean {
    return this.#isRouted
  }

  /** What `options` threw last for the payload of a record that has moved. */
  get formerFailure(): unknown {
    return this.#formerFailure
  }

  /** @throws what `options` throws, and TypeError for what it must not return */
  index(entry: Entry, record: Record): Plan {
    if (this.#definition.options === undefined) return this.#usualPlan()
    const options = this.#definition.options(record, 'index')
    return this.#plan(entry, options, formerPayloads(entry.payload))
  }

  /** @throws what `options` throws, and TypeError for what it must not return */
  delete(entry: Entry): Plan {
    if (this.#definition.options === undefined) return this.#usualPlan()
    const { payload } = entry
    const [first = payload, ...others] = formerPayloads(payload)
    return this.#plan(entry, this.#definition.options(first, 'delete'), others)
  }

  #usualPlan(): Plan {
    return (this.#usual ??= { copies: [], main: actionMetadata(undefined, this.#ticket) })
  }

  /** @param former what the message tells of old places */
  #plan({ id }: Entry, options: OperationOptions | undefined, former: readonly Payload[]): Plan {
    const main = actionMetadata(options, this.#ticket)
    const routing = textOf(options?.routing)
    const others = new Set<string | undefined>(former.flatMap((payload) => this.#formerRouting(payload)))
    // A pipeline may set the routing itself.
    if (options?.pipeline === undefined) for (const each of this.#found.get(id) ?? []) others.add(each)
    others.delete(routing)
    if (options?.version !== undefined) this.#ownVersions = true
    if (routing !== undefined || others.size > 0) this.#isRouted = true
    const version = options?.version ?? this.#ticket
    // Nothing is older than version 0.
    if (version === 0) return { copies: [], main }
    const copies = [...others].map((each) =>
      actionMetadata({ routing: each, ...olderThan(version) }, undefined),
    )
    return { copies, main }
  }

  /** The record itself can be indexed though a message tells of a place that `options` makes nothing of. */
  #formerRouting(payload: Payload): readonly string[] {
    try {
      const routing = textOf(this.#definition.options?.(payload, 'delete')?.routing)
      return routing === undefined ? [] : [routing]
    } catch (error) {
      this.#formerFailure = error
      return []
    }
  }
}

function textOf(routing: OperationOptions['routing']): string | undefined {
  return routing === undefined ? undefined : routingText(routing)
}

/**
 * What deletes every version below this one. The version itself must stay free for the document, which may be in the same
 * shard; and a copy that was written just before may have the one below.
 */
function olderThan(version: number | undefined): OperationOptions {
  return version === undefined ? {} : { version: version - 1, version_type: 'external_gte' }
}
