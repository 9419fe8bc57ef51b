import { Cascader } from '@kt/cascader'
import type { CascaderOptions, CascaderRunOptions } from '@kt/cascader'
import { defaultLogger, hasChanged, recordStreamOf } from '@kt/core'
import type { CatchUpOptions, Message, MessageConsumer, Payload, RunOptions } from '@kt/core'
import type { IdentifiedRecord } from '@kt/sequelize-stream'
import { optionChecker } from '@kt/core/internal'
import { dependents } from './dependents.ts'
import { relevantColumns } from './model-index.ts'
import { changedByDatabase } from './path.ts'
import type { AnyModel, Path, ReadGraph } from './path.ts'

const check = optionChecker('modelIndex')

/** The parts of a model index that cascades are derived from. */
interface Cascading {
  readonly name: string
  readonly model: AnyModel
  graph(): ReadGraph
}

export interface CascadesOptions
  extends
    Pick<CascaderOptions, 'producer' | 'recordsPerMessage' | 'rememberedChanges' | 'logger' | 'meter'>,
    Pick<CascaderRunOptions, 'from'> {
  /** Receives the messages about changed records. */
  readonly consumer: MessageConsumer
  /**
   * Returns the topic of a model.
   *
   * @defaultValue the topic that `updateStream` gave to the model in this process, else its table name
   */
  readonly topic?: (model: AnyModel) => string
  /**
   * Returns the topic for the messages about an indexed model's records. With a topic and an Indexer of their own, they
   * don't delay the edits of single records, however many they are.
   *
   * @defaultValue the topic of the model
   */
  readonly targetTopic?: (model: AnyModel) => string
}

/** One cascade, from the changes of a model to the documents of another one. */
interface Cascade {
  readonly name: string
  readonly cascader: Cascader
  readonly topic: string
  /** What this cascade can't see. */
  readonly warnings: readonly string[]
  readonly find: (ids: readonly string[], messages: readonly Message[]) => AsyncGenerator<readonly object[]>
}

/**
 * Derives the cascades that keep the documents of model indexes up to date when a record that they contain changes. For
 * each topic of changed records and each index there is one Cascader, named `<topic>_to_<index>`, which is also its
 * consumer group.
 *
 * @throws KtError `KT_OPTION_INVALID` when an option or an include is wrong
 */
export function cascades(indexes: Cascading | readonly Cascading[], options: CascadesOptions): Cascades {
  return new Cascades([indexes].flat(), options)
}

/** The derived cascades. They start, catch up and close together. */
export class Cascades implements AsyncDisposable {
  readonly #options: CascadesOptions
  readonly #cascades: readonly Cascade[]

  /** @internal */
  constructor(indexes: readonly Cascading[], options: CascadesOptions) {
    this.#options = options
    this.#cascades = indexes
      .flatMap((index) => routesOf(index, options))
      .map((route) => toCascade(route, options))
  }

  /** The names of the Cascaders, which are also their consumer groups. */
  get names(): readonly string[] {
    return this.#cascades.map(({ name }) => name)
  }

  /**
   * Resolves once all have joined their consumer groups. After a failure it may be called again. Logs a warning for each
   * association whose records the database changes on deletes.
   *
   * @throws KtError the errors of `Cascader.run`
   */
  async run(options: RunOptions = {}): Promise<void> {
    const { consumer, from } = this.#options
    for (const { name, warnings } of this.#cascades)
      for (const warning of warnings)
        (this.#options.logger ?? defaultLogger).warn(warning, { cascader: name })
    await Promise.all(
      this.#cascades.map(({ cascader, topic, find }) =>
        cascader.run({
          consumer,
          topic,
          find,
          continues: false,
          ...(from !== undefined && { from }),
          ...options,
        }),
      ),
    )
  }

  /**
   * Resolves when the dependents of all changes that are now in the topics have been sent.
   *
   * @throws KtError `KT_CATCH_UP_TIMEOUT`, `KT_ABORTED`, `KT_CLOSED`
   */
  async whenCaughtUp(options?: CatchUpOptions): Promise<void> {
    await Promise.all(this.#cascades.map(({ cascader }) => cascader.whenCaughtUp(options)))
  }

  /**
   * Returns the number of messages that the groups have not committed yet, over all cascades.
   *
   * @throws KtError `KT_CLOSED` when they are not running
   */
  async lag(): Promise<bigint> {
    const lags = await Promise.all(this.#cascades.map(({ cascader }) => cascader.lag()))
    return lags.reduce((sum, lag) => sum + lag, 0n)
  }

  /** Whether every Cascader is a member of its consumer group. */
  isReady(): boolean {
    return this.#cascades.every(({ cascader }) => cascader.isReady())
  }

  /** Finishes and commits the current batches, then leaves the consumer groups. Idempotent. */
  async close(): Promise<void> {
    await Promise.all(this.#cascades.map(({ cascader }) => cascader.close()))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

function topicOf(model: AnyModel): string {
  return recordStreamOf({ constructor: model })?.topic ?? model.tableName
}

/** A topic of changed records, and the paths to the records of one index. */
interface Route {
  readonly name: string
  readonly sourceTopic: string
  readonly targetTopic: string
  readonly paths: readonly Path[]
}

function routesOf(index: Cascading, options: CascadesOptions): readonly Route[] {
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

function toCascade({ name, sourceTopic, targetTopic, paths }: Route, options: CascadesOptions): Cascade {
  const { producer, recordsPerMessage, rememberedChanges, logger, meter } = options
  const cascader: Cascader = new Cascader({
    name,
    producer,
    stream: (record) => ({
      topic: targetTopic,
      payload: () => recordStreamOf(record)?.payload(record) ?? idOf(record),
    }),
    ...(recordsPerMessage !== undefined && { recordsPerMessage }),
    ...(rememberedChanges !== undefined && { rememberedChanges }),
    ...(logger !== undefined && { logger }),
    ...(meter !== undefined && { meter }),
  })
  async function* find(
    ids: readonly string[],
    messages: readonly Message[],
  ): AsyncGenerator<readonly object[]> {
    for (const { steps, reads } of paths) {
      const model = steps.at(-1)?.far
      const columns = model && (await relevantColumns(model, reads))
      const relevant = messages.filter((message) => hasChanged(message, columns))
      const relevantIds = relevant.length === messages.length ? ids : cascader.ids(relevant)
      const former = (attribute: string): readonly string[] => cascader.references(relevant, attribute)
      if (relevantIds.length > 0) yield* dependents(steps, { ids: relevantIds, former })
    }
  }
  const warnings = paths.flatMap(({ steps }) => changedByDatabase(steps.at(-1)) ?? [])
  return { name, cascader, topic: sourceTopic, warnings, find }
}

/** The payload of a record whose model is not streamed in this process. */
function idOf(record: object): Payload {
  return { id: (record as IdentifiedRecord).id }
}
