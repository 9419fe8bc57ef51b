import { KtError } from '@kt/core'
import { optionChecker, recordStreamProperty } from '@kt/core/internal'
import type { Payload, RecordStream } from '@kt/core'
import type { Model, QueryInterface } from 'sequelize'
import { columnOf } from './model/model-class.ts'
import { destinationOf, modelStream } from './model/model-stream.ts'
import { toModel } from './model/untyped.ts'
import { topicName } from './options.ts'
import type { UpdateStreamer } from './update-streamer.ts'
import { canReturn } from './rows/returning.ts'
import { streamedQueries } from './intercept/streamed-queries.ts'
import type { AnyModel } from './model/types.ts'

export interface UpdateStreamOptions<M extends Model> {
  /** Sends the messages. Share one `UpdateStreamer` between all models. */
  readonly updateStreamer: UpdateStreamer
  /**
   * The topic of the instant messages, and of the delay messages when they come due.
   *
   * @defaultValue the `topicPrefix` of the `UpdateStreamer` followed by the model's table name
   */
  readonly topic?: string
  /**
   * Builds the payload of a record's messages. It receives whole records and must return an object with an `id`. Keep
   * it small. With a custom payload, a bulk write has to read its records again. The default needs only their keys.
   *
   * @defaultValue `(record) => ({ id })`
   */
  readonly payload?: (record: M) => Payload
  /**
   * The topic of the delay messages.
   *
   * @defaultValue the `delayTopic` of the `UpdateStreamer`
   */
  readonly delayTopic?: string
}

const property = 'queryInterface'

/** A model class, defined by `sequelize.define`, `Model.init` or decorators. */
export type ModelClass<M extends Model = Model> = abstract new (...args: never[]) => M

/** The options for several models. The topic of each model is the `topicPrefix` of the
 * `UpdateStreamer` followed by its table name. */
export type UpdateStreamsOptions = Omit<UpdateStreamOptions<Model>, 'topic' | 'payload'>

/**
 * Streams every write of one or several models from now on: records, bulk writes and associations, with or without
 * hooks. A write without a transaction gets its own. A transaction commits only after Kafka has acknowledged the delay
 * messages of its changes.
 *
 * @returns `uninstall`, which stops streaming and restores the model
 * @throws KtError `KT_OPTION_INVALID`, also when the model has no primary key or is already streamed
 */
export function updateStream<M extends Model>(
  model: ModelClass<M>,
  options: UpdateStreamOptions<M>,
): () => void
export function updateStream(models: readonly ModelClass[], options: UpdateStreamsOptions): () => void
export function updateStream<M extends Model>(
  models: ModelClass<M> | readonly ModelClass[],
  options: UpdateStreamOptions<M>,
): () => void {
  if (!isList(models)) return streamModel(models, options)
  const uninstalls: (() => void)[] = []
  const uninstall = (): void => {
    for (const each of uninstalls.splice(0)) each()
  }
  try {
    for (const model of models) uninstalls.push(streamModel(model, options as UpdateStreamOptions<Model>))
  } catch (error) {
    // Stream all models or none, because the caller gets no `uninstall` when this throws.
    uninstall()
    throw error
  }
  return uninstall
}

function isList(models: ModelClass | readonly ModelClass[]): models is readonly ModelClass[] {
  return Array.isArray(models)
}

function streamModel<M extends Model>(model: ModelClass<M>, options: UpdateStreamOptions<M>): () => void {
  const streamed = toModel(model) as AnyModel & { [recordStreamProperty]?: RecordStream<Model> }
  const stream = streamOf(streamed, options)
  const { context } = options.updateStreamer
  const byVariant = new WeakMap<AnyModel, QueryInterface>()
  Object.defineProperty(streamed, property, {
    configurable: true,
    // `this` may be a scoped variant of the model, or the model in another schema.
    get(this: AnyModel): QueryInterface {
      const original = Reflect.get(
        Object.getPrototypeOf(streamed) as object,
        property,
        this,
      ) as QueryInterface
      // A subclass is a different model.
      if (this.name !== streamed.name) return original
      let queries = byVariant.get(this)
      if (queries === undefined) {
        const destination = destinationOf(this, stream)
        queries = streamedQueries(original, { model: this, stream, destination, context })
        byVariant.set(this, queries)
      }
      return queries
    },
  })
  Object.defineProperty(streamed, recordStreamProperty, { configurable: true, value: stream })
  context.streams.add(stream)
  return () => {
    if (streamed[recordStreamProperty] !== stream) return
    context.streams.delete(stream)
    Reflect.deleteProperty(streamed, property)
    Reflect.deleteProperty(streamed, recordStreamProperty)
  }
}

function streamOf<M extends Model>(
  model: AnyModel,
  options: UpdateStreamOptions<M>,
): ReturnType<typeof modelStream> {
  const check = optionChecker('updateStream')
  const { updateStreamer, topic, payload, delayTopic } = options
  if (typeof updateStreamer?.context !== 'object')
    check.fail('updateStreamer', 'an UpdateStreamer', updateStreamer)
  if (typeof model !== 'function' || model.sequelize === undefined)
    throw invalid('the model must be an initialised Sequelize model')
  const { fallback } = updateStreamer.context.commit
  if (fallback !== undefined && !fallback.covers(model.sequelize))
    throw invalid(
      `${model.name} is in a different database from the outbox. Pass an outbox of the model's own Sequelize instance`,
    )
  if (model.sequelize.models[model.name] !== model)
    throw invalid(
      `${model.name} is a variant of a model, or was defined again. Pass sequelize.models.${model.name} instead`,
    )
  if (model.primaryKeyAttributes.length === 0)
    throw invalid(`${model.name} has no primary key. Define one to stream the model`)
  if (hasMistakableKey(model))
    throw invalid(
      `the primary key of ${model.name} shares its name with another attribute's column, or its column with another attribute's name. Sequelize confuses the two in the rows that PostgreSQL returns, so new rows can't be identified. Rename one of them`,
    )
  if (Object.hasOwn(model, recordStreamProperty)) throw invalid(`${model.name} is already streamed`)
  return modelStream(model, {
    topic: topicName(check, 'topic', topic ?? `${updateStreamer.context.topicPrefix}${model.tableName}`),
    delayTopic: topicName(check, 'delayTopic', delayTopic ?? updateStreamer.context.delayTopic),
    ...(payload !== undefined && {
      payload: check.callable('payload', payload) as (record: Model) => Payload,
    }),
  })
}

/** Whether Sequelize may assign another column's value to the primary key after a statement with RETURNING. */
function hasMistakableKey(model: AnyModel): boolean {
  if (!canReturn(model)) return false
  const isMistakable = (one: string, other: string): boolean =>
    one !== other && columnOf(model, one) === other
  return model.primaryKeyAttributes.some((key) =>
    Object.keys(model.rawAttributes).some((each) => isMistakable(key, each) || isMistakable(each, key)),
  )
}

function invalid(what: string): KtError {
  return new KtError('KT_OPTION_INVALID', `updateStream: ${what}`, { retryable: false })
}
