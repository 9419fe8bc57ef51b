import type { ActionMetadata } from '../document/action-metadata.ts'
import type { Plan } from '../document/action-planner.ts'
import { BulkLines } from './bulk-lines.ts'
import type { Action } from './bulk-lines.ts'
import type { Entry } from '../entry.ts'

/** All possible actions. Thousands of operations share them. */
const actions = {
  index: actionsOf('index', '{"index":{"_id":"'),
  delete: actionsOf('delete', '{"delete":{"_id":"'),
  copy: actionsOf('delete', '{"delete":{"_id":"', { isCopy: true }),
}

/** The start of an action's line, and the action with and without a version. */
interface Actions {
  readonly start: string
  readonly versioned: Action
  readonly unversioned: Action
}

function actionsOf(kind: Action['kind'], start: string, rest: Pick<Action, 'isCopy'> = {}): Actions {
  return {
    start,
    versioned: { kind, versioned: true, ...rest },
    unversioned: { kind, versioned: false, ...rest },
  }
}

/**
 * Collects operations. All parts of their lines are joined once, at the end: intermediate strings would take most of a
 * batch's memory.
 */
export class BulkLinesBuilder {
  readonly #entries: Entry[] = []
  readonly #actions: Action[] = []
  readonly #texts: string[] = []
  readonly #ends: number[] = []
  #end = 0

  /** @param document a line of JSON */
  index(entry: Entry, { copies, main }: Plan, document: string): void {
    this.#deleteAll(entry, copies, actions.copy)
    this.#action(entry, main, actions.index)
    this.#texts.push(document, '\n')
    this.#end += document.length + 1
    this.#ends.push(this.#end)
  }

  delete(entry: Entry, { copies, main }: Plan): void {
    this.#deleteAll(entry, copies, actions.copy)
    this.#deleteAll(entry, [main], actions.delete)
  }

  build(): BulkLines {
    return new BulkLines(this.#entries, this.#actions, this.#texts.join(''), this.#ends)
  }

  #deleteAll(entry: Entry, all: readonly ActionMetadata[], of: Actions): void {
    for (const metadata of all) {
      this.#action(entry, metadata, of)
      this.#ends.push(this.#end)
    }
  }

  #action(entry: Entry, { text, versioned }: ActionMetadata, of: Actions): void {
    const id = withoutQuotes(entry.id)
    this.#entries.push(entry)
    this.#actions.push(versioned ? of.versioned : of.unversioned)
    this.#texts.push(of.start, id, text)
    this.#end += of.start.length + id.length + text.length
  }
}

/** Skips `JSON.stringify` for ids that need no escaping: its strings take over a hundred bytes at first. */
function withoutQuotes(id: string): string {
  return /^[\w-]*$/.test(id) ? id : JSON.stringify(id).slice(1, -1)
}
