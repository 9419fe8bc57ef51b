import { columnsRead, includeTree } from '@kt/sequelize-stream/internal'
import type { AttributeList, IncludedAssociation, Includes } from '@kt/sequelize-stream/internal'
import type { Association, Model, ModelStatic } from 'sequelize'

/** A Sequelize model class. */
export type AnyModel = ModelStatic<Model>

/** The columns of a model that a document depends on; undefined if it may be any. */
export type Reads = ReadonlySet<string> | undefined

/**
 * One step between two records, of which one holds the other's key. A many-to-many association makes two steps, because
 * the rows of its through model change, too.
 */
export interface Step {
  /** The model that is nearer to the indexed one. */
  readonly near: AnyModel
  /** The model that is further from the indexed one. */
  readonly far: AnyModel
  /** Which of the two holds the foreign key. */
  readonly holder: 'near' | 'far'
  /** The attribute, not the column, that holds the key. */
  readonly foreignKey: string
  /** The attribute that the foreign key refers to. */
  readonly key: string
}

/** The path from the indexed model to a model whose changes reach its documents. */
export interface Path {
  readonly steps: readonly Step[]
  /** The columns of the last model that the document depends on. */
  readonly reads: Reads
}

/** The columns that an index reads, of its own model and at the end of each path. */
export interface ReadGraph {
  readonly reads: Reads
  readonly paths: readonly Path[]
}

/** The options of a query that decide what is read. */
interface Query {
  readonly attributes?: AttributeList | undefined
  readonly where?: unknown
  readonly include?: Includes
}

/**
 * Returns what a query reads: the columns of each model and the paths to them. If anything is uncertain, such as a
 * condition, `reads` is undefined for all models, because a condition of one model may refer to another.
 *
 * @throws KtError `KT_OPTION_INVALID` when `include` names no association
 */
export function readGraph(model: AnyModel, { attributes, where, include }: Query): ReadGraph {
  const tree = includeTree(model, include)
  const paths = pathsThrough(model, tree, [])
  const reads = withKeys(model, columnsRead(model, { attributes, where }), [], tree)
  const isKnown = reads !== undefined && paths.every((path) => path.reads !== undefined)
  return isKnown ? { reads, paths } : { reads: undefined, paths: paths.map(unrestricted) }
}

function unrestricted({ steps }: Path): Path {
  return { steps, reads: undefined }
}

function pathsThrough(
  near: AnyModel,
  tree: readonly IncludedAssociation[],
  before: readonly Step[],
): readonly Path[] {
  return tree.flatMap((each) => {
    const { model, columns, throughColumns, included } = each
    const [first, second] = stepsOf(near, each)
    const steps = [...before, first, ...(second ? [second] : [])]
    const end = { steps, reads: withKeys(model, columns, [farKey(second ?? first)], included) }
    const nested = pathsThrough(model, included, steps)
    if (second === undefined) return [end, ...nested]
    const keys = [first.foreignKey, second.foreignKey]
    const rows = { steps: [...before, first], reads: withKeys(first.far, throughColumns, keys, []) }
    return [rows, end, ...nested]
  })
}

/** Adds the keys that connect a model with the step before it, and with the models that are included from it. */
function withKeys(
  model: AnyModel,
  columns: readonly string[] | undefined,
  keys: readonly string[],
  included: readonly IncludedAssociation[],
): Reads {
  if (columns === undefined || included.some(hasScope)) return undefined
  const outwards = included.map((each) => nearKey(stepsOf(model, each)[0]))
  const connecting = [...keys, ...outwards].map((name) => model.rawAttributes[name]?.field ?? name)
  return new Set([...columns, ...connecting])
}

/** Whether an association selects its records by values. */
function hasScope({ association }: IncludedAssociation): boolean {
  const { scope, through } = keysOf(association)
  return Boolean(scope) || Boolean(through?.scope)
}

/** The attribute of the near record that makes the connection. */
function nearKey({ holder, foreignKey, key }: Step): string {
  return holder === 'near' ? foreignKey : key
}

/** The attribute of the far record that makes the connection. */
export function farKey({ holder, foreignKey, key }: Step): string {
  return holder === 'far' ? foreignKey : key
}

/**
 * Describes the changes that the database makes to the near records when a far one is deleted. Returns undefined if it
 * makes none. No model sees them, and afterwards nothing shows which records referred to the deleted one.
 */
export function changedByDatabase(step: Step | undefined): string | undefined {
  if (step?.holder !== 'near') return undefined
  const { near, far, foreignKey } = step
  const { references, onDelete = 'NO ACTION' } = near.rawAttributes[foreignKey] ?? {}
  const isChange = ['CASCADE', 'SET NULL', 'SET DEFAULT'].includes(onDelete.toUpperCase())
  if (references === undefined || !isChange) return undefined
  return `When a ${far.name} is deleted, the database changes its ${near.name} records (ON DELETE ${onDelete}), and no message is sent for them. Delete it within UpdateStreamer.bulk and pass these records`
}

/** The members of an association that Sequelize's types leave out. */
interface AssociationKeys {
  readonly associationType: string
  readonly foreignKey: string
  readonly otherKey: string
  readonly sourceKey: string
  readonly targetKey: string
  /** The values that associated records have. */
  readonly scope?: object | null
  readonly through?: { readonly model: AnyModel; readonly scope?: object | null }
}

function keysOf(association: Association): AssociationKeys {
  return association as unknown as AssociationKeys
}

/** One step, or two for a many-to-many association. */
function stepsOf(near: AnyModel, { association, model: far }: IncludedAssociation): readonly [Step, Step?] {
  const { foreignKey, otherKey, sourceKey, targetKey, through, associationType } = keysOf(association)
  if (through !== undefined)
    return [
      { near, far: through.model, holder: 'far', foreignKey, key: sourceKey },
      { near: through.model, far, holder: 'near', foreignKey: otherKey, key: targetKey },
    ]
  return associationType === 'BelongsTo'
    ? [{ near, far, holder: 'near', foreignKey, key: targetKey }]
    : [{ near, far, holder: 'far', foreignKey, key: sourceKey }]
}
