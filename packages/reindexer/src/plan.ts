import type { Found } from './generations.ts'
import { isOwnState } from './generation.ts'
import type { GenerationState } from './generation.ts'

/**
 * What `ensure` would do:
 * - `none`: everything is as wanted.
 * - `build`: create an index and fill it.
 * - `continue`: go on with an index that an earlier call has begun.
 * - `refuse`: nothing, because something else would be destroyed.
 */
export type ReindexAction = 'none' | 'build' | 'continue' | 'refuse'

export interface ReindexPlan {
  readonly action: ReindexAction
  /** Why, in a sentence for people. */
  readonly reason: string
  /** The index that has the alias now. */
  readonly active?: string
  /** The index that would be continued. */
  readonly generation?: string
}

interface Wanted {
  readonly alias: string
  readonly hash: string
  readonly version: number
  readonly database: string
}

/** Decides what `ensure` would do. */
export function planOf({ generations, active, isIndex }: Found, wanted: Wanted): ReindexPlan {
  const [first] = active
  const current = generations.find(({ isActive }) => isActive)
  const known = first === undefined ? {} : { active: first }
  if (isIndex)
    return {
      action: 'refuse',
      reason: `"${wanted.alias}" is an index, not an alias; replaceIndex deletes it when its replacement is ready`,
    }
  if (current !== undefined && current.state.database !== wanted.database)
    return {
      action: 'refuse',
      reason: 'it was built from another database or table; newDatabase allows that',
      ...known,
    }
  if (current !== undefined && current.state.version > wanted.version)
    return {
      action: 'refuse',
      reason: `it has version ${current.state.version} of the documents, and this release has version ${wanted.version}; roll back, or olderVersion allows that`,
      ...known,
    }
  // The state of a copy or a restored snapshot belongs to another index.
  const generation = generations.findLast(
    (each) => each.hash === wanted.hash && each.state.database === wanted.database && isOwnState(each),
  )
  if (generation === undefined) return { action: 'build', reason: reasonOf(current?.state, wanted), ...known }
  const isDone = generation.state.phase === 'live' && active.length === 1 && generation.isActive
  if (isDone) return { action: 'none', reason: 'as wanted', ...known }
  return {
    action: 'continue',
    reason: reasonToContinue(generation.state, first),
    generation: generation.name,
    ...known,
  }
}

function reasonToContinue({ phase }: GenerationState, active: string | undefined): string {
  if (phase !== 'live') return 'an earlier run has begun it'
  return active === undefined
    ? 'it is complete, and no index has the alias'
    : 'it is complete, and another index has the alias'
}

function reasonOf(current: GenerationState | undefined, { version }: Wanted): string {
  if (current === undefined) return 'there is no index yet'
  return current.version === version
    ? 'mappings or settings have changed'
    : `the version of the documents changed from ${current.version} to ${version}`
}
