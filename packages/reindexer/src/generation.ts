import { createHash } from 'node:crypto'
import { indexSettings } from '@kt/indexer'
import type { RecordId } from '@kt/core'
import { versionOf } from './options.ts'
import type { ReindexableIndex } from './options.ts'

/**
 * How far a generation is. `new`: nothing was read yet. `filling`: its Indexer follows the topic, and the backfill runs.
 * `filled`: the backfill has ended. `live`: it was proven right, and the alias was given to it.
 */
export type GenerationPhase = 'new' | 'filling' | 'filled' | 'live'

/** What a generation says about itself, in the `_meta` of its mappings. */
export interface GenerationState {
  readonly alias: string
  /** The version of its documents. */
  readonly version: number
  /** The database that its records come from. */
  readonly database: string
  /** The UUID of its index. A copy or a restored snapshot has another one. */
  readonly uuid?: string
  readonly phase: GenerationPhase
  /** The last record of the backfill, up to which all are indexed. */
  readonly after?: RecordId
  /** How many records the backfill has indexed. */
  readonly done?: number
  /** Whether its group has missed messages that Kafka no longer has. */
  readonly missed?: boolean
  /** Changes while a process works on it, so that a second one waits. */
  readonly beat?: string | undefined
}

/** An index behind an alias. The alias points to one of its generations. */
export interface Generation {
  /** The name of its index: `<alias>-<hash>-<number>`. */
  readonly name: string
  /** The hash of mappings, settings and version of the documents. */
  readonly hash: string
  readonly number: number
  /** The UUID of its index. */
  readonly uuid: string
  /** The consumer group that keeps it up to date. */
  readonly group: string
  readonly state: GenerationState
  /** Whether the alias points to it. */
  readonly isActive: boolean
}

const hashLength = 8
const pattern = new RegExp(`^([0-9a-f]{${hashLength}})-([0-9]+)$`, 'u')

/** Returns the hash of mappings, settings and version of the documents. The order of properties doesn't matter. */
export function hashOf<Record>(index: ReindexableIndex<Record>): string {
  const { mappings = {}, settings = {} } = index
  const text = JSON.stringify(sorted({ mappings, settings, version: versionOf(index) }))
  return createHash('sha256').update(text).digest('hex').slice(0, hashLength)
}

export function generationName(alias: string, hash: string, number: number): string {
  return `${alias}-${hash}-${number}`
}

/** Returns hash and number of a generation of this alias; undefined for other indexes. */
export function parseGenerationName(
  alias: string,
  name: string,
): { readonly hash: string; readonly number: number } | undefined {
  const [, hash, number] = name.startsWith(`${alias}-`)
    ? (pattern.exec(name.slice(alias.length + 1)) ?? [])
    : []
  return hash === undefined ? undefined : { hash, number: Number(number) }
}

/**
 * The consumer group of a generation. With the UUID, because an index that is deleted and made again must not go on from
 * the offsets of the former one.
 */
export function groupOf(name: string, uuid: string): string {
  return `${name}-${uuid.replaceAll(/[^\w]/gu, '').slice(0, 8)}`
}

/** Whether the state was written for this very index. A copy or a restored snapshot of an index has another UUID. */
export function isOwnState({ uuid, state }: Generation): boolean {
  return state.uuid === undefined || state.uuid === uuid
}

/** The body of the request that creates the index of a generation. */
export function creationOf<Record>(index: ReindexableIndex<Record>, state: GenerationState): object {
  const { settings = {} } = index
  const hasOwn = JSON.stringify(settings).includes('gc_deletes')
  return { settings: { ...(hasOwn ? {} : indexSettings), ...settings }, mappings: mappingsOf(index, state) }
}

function mappingsOf<Record>({ mappings }: ReindexableIndex<Record>, state: GenerationState): object {
  const own = mappings !== undefined && '_meta' in mappings ? mappings._meta : undefined
  return { ...mappings, _meta: { ...(own as object | undefined), kt: state } }
}

/** Sorts the properties of all objects. The order in arrays has a meaning. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]))
}
