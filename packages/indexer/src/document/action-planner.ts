import type { Payload } from '@kt/core'
import { actionMetadata, routingText } from './action-metadata.ts'
import type { ActionMetadata } from './action-metadata.ts'
import type { Copies } from './copy-finder.ts'
import type { Entry } from '../entry.ts'
import { formerPayloads } from './former-payloads.ts'
import type { IndexDefinition, OperationOptions } from './index-definition.ts'

/** The metadata of the operations for one record. */
export interface Plan {
  /** Deletes of routing copies. They come first, because they may be in the shard of the document. */
  readonly copies: readonly ActionMetadata[]
  /** The index or delete operation of the record. */
  readonly main: ActionMetadata
}

/** Plans the operations for the records of one read, with the `options` of the index definition. */
export class ActionPlanner<Record> {
  readonly #definition: IndexDefinition<Record>
  readonly #ticket: number | undefined
  readonly #found: Copies
  /** Shared by all records when there are no `options`. */
  #usual: Plan | undefined
  #ownVersions = false
  #isRouted = false
  #formerFailure: unknown

  /** @param found the documents that a search found in the index */
  constructor(definition: IndexDefinition<Record>, ticket: number | undefined, found: Copies = new Map()) {
    this.#definition = definition
    this.#ticket = ticket
    this.#found = found
  }

  /** Whether the index definition returned its own versions. */
  get ownVersions(): boolean {
    return this.#ownVersions
  }

  /** Whether any record has or had a routing. */
  get isRouted(): boolean {
    return this.#isRouted
  }

  /** The last error that `options` threw for the former place of a record. */
  get formerFailure(): unknown {
    return this.#formerFailure
  }

  /** @throws the errors of `options`, and TypeError for an invalid return value */
  index(entry: Entry, record: Record): Plan {
    if (this.#definition.options === undefined) return this.#usualPlan()
    const options = this.#definition.options(record, 'index')
    return this.#plan(entry, options, formerPayloads(entry.payload))
  }

  /** @throws the errors of `options`, and TypeError for an invalid return value */
  delete(entry: Entry): Plan {
    if (this.#definition.options === undefined) return this.#usualPlan()
    const { payload } = entry
    const [first = payload, ...others] = formerPayloads(payload)
    return this.#plan(entry, this.#definition.options(first, 'delete'), others)
  }

  #usualPlan(): Plan {
    return (this.#usual ??= { copies: [], main: actionMetadata(undefined, this.#ticket) })
  }

  /** @param former payloads with the former places of the record */
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
    // No version is lower than 0.
    if (version === 0) return { copies: [], main }
    const copies = [...others].map((each) =>
      actionMetadata({ routing: each, ...olderThan(version) }, undefined),
    )
    return { copies, main }
  }

  /** Ignores errors: the record can be indexed even if `options` fails for a former place. */
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
 * Options of a delete that removes every lower version. It does not use the version itself, which the document needs:
 * it may be in the same shard. It includes the version below, which a copy that was written just before may have.
 */
function olderThan(version: number | undefined): OperationOptions {
  return version === undefined ? {} : { version: version - 1, version_type: 'external_gte' }
}
