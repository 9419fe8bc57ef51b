import { optionChecker } from '@kt/core/internal'
import type { RecordId, RecordSource } from '@kt/core'
import type { IndexDefinition } from '@kt/indexer'
import { modelSource } from '@kt/sequelize-stream'
import type { ModelSourceOptions } from '@kt/sequelize-stream'
import {
  canBeLazy,
  canContinueAfter,
  countRecords,
  databaseOf,
  lazyRecords,
  mayChangeOtherColumns,
  recordIds,
} from '@kt/sequelize-stream/internal'
import type { Includes } from '@kt/sequelize-stream/internal'
import type { FindAttributeOptions, Model, ModelStatic, WhereOptions } from 'sequelize'
import { mappingsWithContentHash, withContentHash } from './content-hash.ts'
import { readGraph } from './path.ts'
import type { ReadGraph, Reads } from './path.ts'

export interface ModelIndexOptions<M extends Model, Document extends object>
  extends Omit<ModelSourceOptions<M>, 'raw' | 'attributes'>, Pick<IndexDefinition<M>, 'name' | 'options'> {
  /**
   * The attributes to load, in the form of Sequelize's own `attributes`. If the index and all its includes have a list of
   * names, changes to other attributes are skipped: they cause no read, no bulk action and no cascade. The README says
   * under which conditions.
   *
   * @defaultValue all
   */
  readonly attributes?: FindAttributeOptions
  /**
   * Whether `document()` always receives instances. Otherwise it receives plain rows that turn into instances when more
   * than their values is used. That is a third faster, and shows only to code that lists a record's own properties, uses `in`, or changes the record by
   * its methods. Models with getters, to-many associations, `afterFind` hooks and other dialects than PostgreSQL use instances anyway.
   *
   * @defaultValue false
   */
  readonly instances?: boolean
  /** The mappings of the index, in the search engine's own form. A change means a re-index. */
  readonly mappings?: object
  /** The settings of the index, in the search engine's own form. A change means a re-index. */
  readonly settings?: object
  /**
   * The version of `document`. Raise it when documents change, so that a Reindexer builds the index anew.
   *
   * @defaultValue 1
   */
  readonly version?: number
  /**
   * The name of one more field of the documents, which keeps a hash of their content. A Verifier then compares hashes, and
   * the search engine need not read whole documents; worth it when they are large. It doesn't find what others have changed in a
   * document without changing its hash. The field is added to `mappings`.
   *
   * @defaultValue none: documents are compared as a whole
   */
  readonly contentHash?: string
  /** The document of a record. It may use the record and what `include` names, and nothing else. */
  readonly document: (record: M) => Document | Promise<Document>
}

/** An index of a Sequelize model. It knows which other records its documents contain. */
export interface ModelIndex<M extends Model, Document extends object> extends IndexDefinition<M> {
  readonly model: ModelStatic<M>
  load(ids: readonly string[]): Promise<readonly M[]>
  id(record: M): string
  document(record: M): Document | Promise<Document>
  reads(): Promise<Reads>
  /**
   * Returns the columns that the documents read, and the paths to the other models. Call it after all associations are declared.
   *
   * @throws KtError `KT_OPTION_INVALID` when `include` names no association
   */
  graph(): ReadGraph
  readonly mappings: object | undefined
  readonly settings: object | undefined
  readonly version: number
  /** The field that keeps a hash of the content, if there is one. */
  readonly contentHash?: string
  /**
   * Yields the ids of all records, in pages, in primary-key order. Some may not belong in the index: of `scope` and of
   * conditions on included records nothing is known here.
   *
   * @param options `after`: the record to continue after, if `canContinue`
   */
  ids(options: { readonly pageSize: number; readonly after?: RecordId }): AsyncIterable<readonly RecordId[]>
  /** Whether `ids` can continue after a record: if the model has a single primary key that is a whole number or a UUID. */
  readonly canContinue: boolean
  /** The number of records whose ids `ids` yields. */
  count(): Promise<number>
  /** Identifies the database and the table, as far as the database tells. */
  database(): Promise<string>
  /** Reads some records that belong in the index. */
  sample(limit: number): Promise<readonly M[]>
}

/** The type of an index's documents, such as those of search hits. */
export type DocumentOf<Index extends { document(record: never): unknown }> = Awaited<
  ReturnType<Index['document']>
>

const check = optionChecker('modelIndex')

/** So many pages are looked through for a sample of records that belong in the index. */
const samplePages = 100

const optionNames: readonly (keyof ModelIndexOptions<Model, object>)[] = [
  'name',
  'document',
  'options',
  'instances',
  'mappings',
  'settings',
  'version',
  'contentHash',
  'include',
  'where',
  'scope',
  'attributes',
  'paranoid',
  'useMaster',
]

/** The search engine would refuse it only when the index is created. */
function checkIndexName(name: unknown): void {
  check.string('name', name)
  if (!/^[^-_+A-Z\\/*?"<>| ,#:][^A-Z\\/*?"<>| ,#:]*$/u.test(String(name)))
    check.fail('name', 'a name of an index: in lower case, without spaces, commas and most other signs', name)
}

/**
 * Defines an index of a Sequelize model: how its records are read, with their associations, and how their documents are
 * made. Give it to an Indexer, and to `cascades` to keep the documents up to date when an included record changes.
 *
 * @throws KtError `KT_OPTION_INVALID`
 */
export function modelIndex<M extends Model, Document extends object>(
  model: ModelStatic<M>,
  indexOptions: ModelIndexOptions<M, Document>,
): ModelIndex<M, Document> {
  check.only('options', indexOptions, optionNames)
  const {
    name,
    document,
    options,
    instances: always = false,
    mappings,
    settings,
    version = 1,
    contentHash,
    ...source
  } = indexOptions
  checkIndexName(name)
  for (const [option, value] of Object.entries({ mappings, settings }))
    if (value !== undefined && (typeof value !== 'object' || value === null))
      check.fail(option, "an object in the search engine's own form", value)
  if (contentHash !== undefined) check.string('contentHash', contentHash)
  const { scope, attributes, where, include } = source
  const scoped = scope === undefined ? model : model.scope(typeof scope === 'string' ? scope : [...scope])
  const query = { attributes, where, include: include as Includes }
  let known: ReadGraph | undefined
  const paranoid = source.paranoid ?? true
  const own = ownCondition(model, where)
  const graph = (): ReadGraph => (known ??= readGraph(scoped, query))
  const instances = modelSource<M>(model, source)
  let lazy: RecordSource<M> | undefined
  const records = (): RecordSource<M> =>
    (lazy ??=
      !always && canBeLazy(scoped, query)
        ? lazyRecords(model, query, modelSource<M>(model, { ...source, raw: true }))
        : instances)
  return {
    name,
    model,
    id: (record) => records().id(record),
    load: (ids) => records().load(ids),
    document: contentHash === undefined ? document : withContentHash(contentHash, document),
    ...(options !== undefined && { options }),
    reads: () => relevantColumns(model, graph().reads),
    graph,
    mappings: contentHash === undefined ? mappings : mappingsWithContentHash(contentHash, mappings),
    settings,
    version,
    ...(contentHash !== undefined && { contentHash }),
    ids: ({ pageSize, after }) => recordIds(model, { where: own, limit: pageSize, paranoid, after }),
    canContinue: canContinueAfter(model),
    count: () => countRecords(model, { where: own, paranoid }),
    database: () => databaseOf(model),
    sample: async (limit) => {
      const found: M[] = []
      let pages = 0
      // By their ids, because a condition may be about included records.
      for await (const page of recordIds(model, { where: own, limit, paranoid })) {
        found.push(...(await instances.load(page.map(String))))
        if (found.length >= limit || ++pages === samplePages) break
      }
      return found.slice(0, limit)
    },
  }
}

/** The condition, if it is about the record alone. Others need the joins of its includes. */
function ownCondition(model: ModelStatic<Model>, where: WhereOptions = {}): WhereOptions {
  const names = Reflect.ownKeys(where)
  const isOwn = names.every((name) => typeof name === 'string' && name in model.rawAttributes)
  return isOwn && isPlain(where) ? where : {}
}

/** Whether a condition has no parts such as `col` and `literal`, which may be about an included record. */
function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || value instanceof Date || Buffer.isBuffer(value))
    return true
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return false
  return Reflect.ownKeys(value).every((key) => isPlain(value[key as keyof typeof value]))
}

/**
 * Returns the columns whose changes matter, or undefined if any change does, because an UPDATE may change columns that it
 * doesn't name.
 *
 * @throws the database's error
 */
export async function relevantColumns(model: ModelStatic<Model>, reads: Reads): Promise<Reads> {
  return reads === undefined || (await mayChangeOtherColumns(model)) ? undefined : reads
}
