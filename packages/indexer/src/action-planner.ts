import type { Payload } from '@kt/core'
import { actionMetadata, routingText } from './action-metadata.ts'
import type { ActionMetadata } from './action-metadata.ts'
import type { Entry } from './entry.ts'
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
  /** Most records have the same. */
  #usual: Plan | undefined
  #ownVersions = false

  constructor(definition: IndexDefinition<Record>, ticket: number | undefined) {
    this.#definition = definition
    this.#ticket = ticket
  }

  /** Whether the index definition gave versions of its own. */
  get ownVersions(): boolean {
    return this.#ownVersions
  }

  /** @throws what `options` throws, and TypeError for what it must not return */
  index(entry: Entry, record: Record): Plan {
    const definition = this.#definition
    if (definition.options === undefined) return this.#plan(undefined)
    const options = definition.options(record, 'index')
    const former = formerPayloads(entry.payload).map((payload) => this.#routingOfDelete(payload))
    return this.#plan(options, former)
  }

  /** @throws what `options` throws, and TypeError for what it must not return */
  delete(entry: Entry): Plan {
    const definition = this.#definition
    if (definition.options === undefined) return this.#plan(undefined)
    const { payload } = entry
    const [first = payload, ...others] = formerPayloads(payload)
    const options = definition.options(first, 'delete')
    return this.#plan(
      options,
      others.map((each) => this.#routingOfDelete(each)),
    )
  }

  #routingOfDelete(payload: Payload): string | undefined {
    const routing = this.#definition.options?.(payload, 'delete')?.routing
    return routing === undefined ? undefined : routingText(routing)
  }

  #plan(options: OperationOptions | undefined, formerRoutings: readonly (string | undefined)[] = []): Plan {
    if (options?.version !== undefined) this.#ownVersions = true
    if (options === undefined && formerRoutings.length === 0)
      return (this.#usual ??= { copies: [], main: actionMetadata(undefined, this.#ticket) })
    const main = actionMetadata(options, this.#ticket)
    const routings = new Set(formerRoutings)
    routings.delete(options?.routing === undefined ? undefined : routingText(options.routing))
    routings.delete(undefined)
    const version = options?.version ?? this.#ticket
    // Nothing is older than version 0.
    if (version === 0) return { copies: [], main }
    const copies = [...routings].map((routing) =>
      actionMetadata({ routing, ...olderThan(version) }, undefined),
    )
    return { copies, main }
  }
}

/**
 * What deletes every version below this one. The version itself must stay free for the document, which may be in the same
 * shard; and a copy that was written just before may have the one below.
 */
function olderThan(version: number | undefined): OperationOptions {
  return version === undefined ? {} : { version: version - 1, version_type: 'external_gte' }
}
