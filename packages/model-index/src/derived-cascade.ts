import { Cascader } from '@kt/cascader'
import { hasChanged, recordStreamOf } from '@kt/core'
import { optionChecker, originsOf } from '@kt/core/internal'
import type { Message, Payload } from '@kt/core'
import type { IdentifiedRecord } from '@kt/sequelize-stream'
import type { CascadesOptions, LaneOptions, ResolvedCascadesOptions } from './cascades-options.ts'
import { dependents } from './dependents.ts'
import type { Changed } from './dependents.ts'
import { queueSearches } from './lane/cascade-lane.ts'
import { firstDependents } from './lane/first-dependents.ts'
import { beginningOf } from './lane/search-message.ts'
import type { QueuedSearch } from './lane/search-message.ts'
import { canBeContinued, firstSearches, nameOf } from './lane/search.ts'
import { relevantColumns } from './model-index.ts'
import { changedByDatabase } from './path.ts'
import type { AnyModel, Path, ReadGraph } from './path.ts'

const check = optionChecker('modelIndex')

/** The parts of a model index that cascades are derived from. */
export interface Cascading {
  readonly name: string
  readonly model: AnyModel
  graph(): ReadGraph
}

/** One cascade, from the changes of a model to the documents of another one. */
export interface Cascade {
  readonly name: string
  readonly cascader: Cascader
  readonly topic: string
  readonly paths: readonly Path[]
  /** What this cascade can't see. */
  readonly warnings: readonly string[]
  readonly find: (ids: readonly string[], messages: readonly Message[]) => AsyncGenerator<readonly object[]>
}

function topicOf(model: AnyModel): string {
  return recordStreamOf({ constructor: model })?.topic ?? model.tableName
}

/** A topic of changed records, and the paths to the records of one index. */
export interface Route {
  readonly name: string
  readonly sourceTopic: string
  readonly targetTopic: string
  readonly paths: readonly Path[]
}

/** @throws KtError `KT_OPTION_INVALID` when an include is wrong */
export function routesOf(
  index: Cascading,
  options: Pick<CascadesOptions, 'topic' | 'targetTopic'>,
): readonly Route[] {
  const { topic = topicOf, targetTopic = topic } = options
  const byTopic = new Map<string, Path[]>()
  for (const path of index.graph().paths) {
    const changed = path.steps.at(-1)?.far
    if (changed === undefined) continue
    if (changed.primaryKeyAttributes.length === 0)
      check.fail('include', `made of models with a primary key; ${changed.name} has none`)
    const paths = byTopic.get(topic(changed)) ?? []
    byTopic.set(topic(changed), [...paths, path])
  }
  return [...byTopic].map(([sourceTopic, paths]) => ({
    name: `${sourceTopic}_to_${index.name}`,
    sourceTopic,
    targetTopic: targetTopic(index.model),
    paths,
  }))
}

export function toCascade(
  { name, sourceTopic, targetTopic, paths }: Route,
  options: ResolvedCascadesOptions,
): Cascade {
  const { producer, recordsPerMessage, rememberedChanges, lane, logger, meter } = options
  const cascader: Cascader = new Cascader({
    name,
    producer,
    stream: (record) => ({
      topic: targetTopic,
      payload: () => recordStreamOf(record)?.payload(record) ?? idOf(record),
    }),
    ...(recordsPerMessage !== undefined && { recordsPerMessage }),
    ...(rememberedChanges !== undefined && { rememberedChanges }),
    logger,
    meter,
  })
  async function* find(
    ids: readonly string[],
    messages: readonly Message[],
  ): AsyncGenerator<readonly object[]> {
    const queued: QueuedSearch[] = []
    for (const path of paths) {
      const { steps, reads } = path
      const model = steps.at(-1)?.far
      const columns = model && (await relevantColumns(model, reads))
      const relevant = messages.filter((message) => hasChanged(message, columns))
      const changed = {
        ids: relevant.length === messages.length ? ids : cascader.ids(relevant),
        former: (attribute: string) => cascader.references(relevant, attribute),
      }
      if (changed.ids.length === 0) continue
      if (lane === undefined || !canBeContinued(path)) yield* dependents(steps, changed)
      else queued.push(...(yield* untilLane(name, path, changed, lane)))
    }
    // Queued before the changes are committed.
    if (lane !== undefined) await queueSearches(producer, lane.topic, queued, originsOf(messages))
  }
  const warnings = paths.flatMap(({ steps }) => changedByDatabase(steps.at(-1)) ?? [])
  return { name, cascader, topic: sourceTopic, paths, warnings, find }
}

/**
 * Yields the dependents of small cascades, and the first ones of large ones.
 *
 * @returns the large ones, for the lane. Each begins anew there, so that it covers whatever an earlier pass has left
 */
async function* untilLane(
  cascade: string,
  path: Path,
  changed: Changed,
  lane: Required<LaneOptions>,
): AsyncGenerator<readonly object[], readonly QueuedSearch[]> {
  const large: QueuedSearch[] = []
  for (const search of await firstSearches(path, changed))
    if (yield* firstDependents(path, search, lane)) large.push(beginningOf(cascade, nameOf(path), search))
  return large
}

/** The payload of a record whose model is not streamed in this process. */
function idOf(record: object): Payload {
  return { id: (record as IdentifiedRecord).id }
}
