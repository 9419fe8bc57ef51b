import { attributesRead, includeTree } from '@kt/sequelize-stream'
import type { AttributeList, IncludedAssociation, Includes } from '@kt/sequelize-stream'
import type { Association, Model, ModelStatic } from 'sequelize'

export type AnyModel = ModelStatic<Model>

/** The attributes of a model that a document depends on; undefined if it may be any. */
export type Reads = ReadonlySet<string> | undefined

/**
 * One step between two records, of which one holds the other's key. A many-to-many association makes two steps, because
 * the rows of its through model change, too.
 */
export interface Step {
  /** The model that is nearer to the indexed one. */
  readonly near: AnyModel
  readonly far: AnyModel
  /** Which of the two holds the foreign key. */
  readonly holder: 'near' | 'far'
  readonly foreignKey: string
  /** The attribute that the foreign key refers to. */
  readonly key: string
}

/** The way from the indexed model to a model whose changes reach its documents. */
export interface Path {
  readonly steps: readonly Step[]
  /** What the document depends on at the end of the way. */
  readonly reads: Reads
}

/** What an index reads: of its own model, and on the ways to other models. */
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

/** @throws KtError `KT_OPTION_INVALID` when `include` names no association */
export function readGraph(model: AnyModel, { attributes, where, include }: Query): ReadGraph {
  const tree = includeTree(model, include)
  return {
    reads: withKeys(attributesRead(model, attributes, where), [], tree),
    paths: pathsThrough(tree, []),
  }
}

function pathsThrough(tree: readonly IncludedAssociation[], before: readonly Step[]): readonly Path[] {
  return tree.flatMap(({ association, reads, readsThrough, included }) => {
    const [first, second] = stepsOf(association)
    const steps = [...before, first, ...(second ? [second] : [])]
    const { scope, through } = keysOf(association)
    const end = { steps, reads: withKeys(reads, [farKey(second ?? first), ...namesOf(scope)], included) }
    if (second === undefined) return [end, ...pathsThrough(included, steps)]
    const keys = [first.foreignKey, second.foreignKey, ...namesOf(through?.scope)]
    const rows = { steps: [...before, first], reads: withKeys(readsThrough, keys, []) }
    return [rows, end, ...pathsThrough(included, steps)]
  })
}

/** Adds the keys that connect a model with the step before it, and with the models that are included from it. */
function withKeys(
  reads: readonly string[] | undefined,
  keys: readonly string[],
  included: readonly IncludedAssociation[],
): Reads {
  if (reads === undefined) return undefined
  return new Set([...reads, ...keys, ...included.map(({ association }) => nearKey(stepsOf(association)[0]))])
}

/** The attribute of the near record that makes the connection. */
function nearKey({ holder, foreignKey, key }: Step): string {
  return holder === 'near' ? foreignKey : key
}

/** The attribute of the far record that makes the connection. */
export function farKey({ holder, foreignKey, key }: Step): string {
  return holder === 'far' ? foreignKey : key
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
function stepsOf(association: Association): readonly [Step, Step?] {
  const { source: near, target: far } = association
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

function namesOf(scope: object | null | undefined): readonly string[] {
  return Object.keys(scope ?? {})
}
