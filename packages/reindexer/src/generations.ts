import { randomUUID } from 'node:crypto'
import { KtError } from '@kt/core'
import { creationOf, generationName, groupOf, hashOf, parseGenerationName } from './generation.ts'
import type { Generation, GenerationPhase, GenerationState } from './generation.ts'
import { alreadyExists, IndexRequests, isNotFound } from './generations-client.ts'
import type { AliasAction, FoundIndex, GenerationsClient } from './generations-client.ts'
import { versionOf } from './options.ts'
import type { ReindexableIndex } from './options.ts'

/** What the search engine has of an alias. */
export interface Found {
  /** The generations, oldest first. */
  readonly generations: readonly Generation[]
  /** The indexes that the alias points to. They may be none of the generations. */
  readonly active: readonly string[]
  /** Whether the name of the alias is that of an index. */
  readonly isIndex: boolean
  /** The highest number of an index that is named like a generation. */
  readonly highest: number
}

/** So often the alias is set until it points to one index alone. */
const mostTries = 3

const order: readonly GenerationPhase[] = ['new', 'filling', 'filled', 'live']

/** The generations of an alias, in the search engine. */
export class Generations<Record> {
  readonly #requests: IndexRequests
  readonly #index: ReindexableIndex<Record>

  constructor(client: GenerationsClient, index: ReindexableIndex<Record>) {
    this.#requests = new IndexRequests(client)
    this.#index = index
  }

  /** The hash of the wanted mappings, settings and version of the documents. */
  get hash(): string {
    return hashOf(this.#index)
  }

  async find(): Promise<Found> {
    const alias = this.#index.name
    const indexes = await this.#requests.find(alias)
    const active = [...indexes].filter(([, { aliases = {} }]) => Object.hasOwn(aliases, alias))
    const generations = [...indexes].flatMap(([name, index]) => toGeneration(alias, name, index) ?? [])
    return {
      generations: generations.toSorted((one, other) => one.number - other.number),
      active: active.map(([name]) => name),
      isIndex: indexes.has(alias),
      highest: Math.max(
        0,
        ...[...indexes.keys()].map((name) => parseGenerationName(alias, name)?.number ?? 0),
      ),
    }
  }

  /**
   * Creates a generation.
   *
   * @returns undefined if another process has just done so
   */
  async create({ highest }: Found, database: string): Promise<Generation | undefined> {
    const alias = this.#index.name
    const name = generationName(alias, this.hash, highest + 1)
    const version = versionOf(this.#index)
    const state: GenerationState = { alias, version, database, phase: 'new', beat: randomUUID() }
    try {
      await this.#requests.create(name, creationOf(this.#index, state))
    } catch (error) {
      if (!alreadyExists(error)) throw error
      return undefined
    }
    return (await this.find()).generations.find((each) => each.name === name)
  }

  /**
   * Changes the state of a generation. Keeps what another process has saved before, and doesn't go back to an earlier
   * phase. Two processes at the same instant may still undo each other's change, which costs work and does no harm.
   *
   * @returns the generation with its new state
   * @throws KtError `KT_GENERATION_MISSING` when its index is gone, or was made again
   */
  async save(generation: Generation, change: Partial<GenerationState>): Promise<Generation> {
    const { name, uuid } = generation
    try {
      const { mappings, settings } = await this.#requests.get(name)
      if (settings?.index?.uuid !== uuid) throw generationMissing(name)
      const stored = { ...generation.state, ...(mappings?._meta?.kt as Partial<GenerationState> | undefined) }
      const state = { ...stored, ...change, uuid, phase: later(stored.phase, change.phase) }
      await this.#requests.setMeta(name, { ...mappings?._meta, kt: state })
      return { ...generation, state }
    } catch (error) {
      if (isNotFound(error)) throw generationMissing(name, error)
      throw error
    }
  }

  /**
   * Gives the alias to a generation and takes it from all other indexes, in one step. Nothing else may write through the
   * alias, because only the workers of this release know how its documents are made.
   *
   * @throws KtError `KT_GENERATION_MISSING`; `KT_REINDEX_REFUSED` when an index has the name of the alias; the error of the search client after some tries
   */
  async activate(
    generation: Generation,
    { replaceIndex = false }: { readonly replaceIndex?: boolean } = {},
  ): Promise<void> {
    const alias = this.#index.name
    const { name } = generation
    let failure: unknown
    for (let tries = 0; tries < mostTries; tries++) {
      const { generations, active, isIndex } = await this.find()
      if (!generations.some((each) => each.name === name && each.uuid === generation.uuid))
        throw generationMissing(name)
      const others = active.filter((each) => each !== name)
      // A request whose answer was lost may have succeeded, and another process may have moved the alias.
      if (others.length === 0 && active.length === 1) return
      const actions: AliasAction[] = others.map((index) => ({ remove: { index, alias } }))
      if (isIndex && !replaceIndex) throw refusedIndex(alias)
      if (isIndex) actions.push({ remove_index: { index: alias } })
      try {
        await this.#requests.changeAliases([
          ...actions,
          { add: { index: name, alias, is_write_index: false } },
        ])
        failure = undefined
      } catch (error) {
        failure = error
      }
    }
    if (failure !== undefined) throw failure
  }

  /**
   * Deletes a generation. In the same step it makes sure that searches still have an index, in case another process has
   * just moved the alias to this one.
   *
   * @param active the index that has the alias
   */
  async delete({ name }: Generation, active: string | undefined): Promise<void> {
    const alias = this.#index.name
    const keep: AliasAction[] =
      active === undefined ? [] : [{ add: { index: active, alias, is_write_index: false } }]
    try {
      await this.#requests.changeAliases([...keep, { remove_index: { index: name } }])
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
}

function later(one: GenerationPhase, other: GenerationPhase = one): GenerationPhase {
  return order.indexOf(one) > order.indexOf(other) ? one : other
}

export function refusedIndex(name: string): KtError {
  return refused(
    `"${name}" is an index, not an alias: call ensure({ replaceIndex: true }), which deletes it when its replacement is ready`,
  )
}

export function refused(message: string): KtError {
  return new KtError('KT_REINDEX_REFUSED', message, { retryable: false })
}

function generationMissing(name: string, cause?: unknown): KtError {
  return new KtError(
    'KT_GENERATION_MISSING',
    `The index "${name}" was deleted meanwhile: call ensure() again, which begins a new one`,
    { cause, retryable: true },
  )
}

/** Ignores indexes whose names only look alike. */
function toGeneration(alias: string, name: string, index: FoundIndex): Generation | undefined {
  const parsed = parseGenerationName(alias, name)
  const state = index.mappings?._meta?.kt as GenerationState | undefined
  const uuid = index.settings?.index?.uuid
  if (parsed === undefined || state?.alias !== alias || uuid === undefined) return undefined
  return {
    ...parsed,
    name,
    uuid,
    group: groupOf(name, uuid),
    state,
    isActive: Object.hasOwn(index.aliases ?? {}, alias),
  }
}
