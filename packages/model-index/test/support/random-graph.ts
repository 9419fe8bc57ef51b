import { DataTypes } from 'sequelize'
import type { IncludeOptions, ModelAttributes, Sequelize } from 'sequelize'
import type { Random } from './random.ts'
import type { AnyModel, AnyRecord } from './shops.ts'
import type { Setting } from './stage.ts'

/** A model, with what writes of it need to know. */
export interface Node {
  readonly model: AnyModel
  /** The foreign keys that it holds, and what they refer to. */
  readonly references: Reference[]
  /** The associations from it, which have mixins. */
  readonly aliases: string[]
  readonly isThrough: boolean
  /** Whether its primary key consists of two attributes. */
  readonly isComposite: boolean
}

export interface Reference {
  readonly attribute: string
  readonly target: Node
  readonly key: 'id' | 'code'
  /** Whether no two records may have the same value. */
  readonly isUnique: boolean
}

/** A graph of models around an indexed one, and what its documents contain. */
export interface Graph extends Setting {
  readonly nodes: readonly Node[]
  /** The same associations with all attributes and without any condition. */
  readonly everything: Setting['query']
}

const mostModels = 9
const depth = 3

/** Builds a graph of associations of all kinds, up to three deep, with circles and diamonds. */
export function randomGraph(sequelize: Sequelize, random: Random): Graph {
  return new GraphBuilder(sequelize, random).build()
}

class GraphBuilder {
  readonly #sequelize: Sequelize
  readonly #random: Random
  readonly #nodes: Node[] = []
  /** Whether the documents name their attributes, so that irrelevant changes are skipped. */
  readonly #isLean: boolean
  #associations = 0

  constructor(sequelize: Sequelize, random: Random) {
    this.#sequelize = sequelize
    this.#random = random
    this.#isLean = random.oneIn(2)
  }

  build(): Graph {
    const root = this.#newNode({ isComposite: false })
    const include = this.#includes(root, 0)
    return {
      nodes: this.#nodes,
      models: Object.fromEntries(this.#nodes.map(({ model }) => [model.name, model])),
      indexed: root.model,
      query: { ...this.#attributes(root), include, document: plain },
      everything: { include: include.map(unconditional), paranoid: false, document: plain },
    }
  }

  #includes(near: Node, level: number): IncludeOptions[] {
    if (level === depth) return []
    const most = depth - level
    const count = level === 0 ? 2 + this.#random.below(most) : this.#random.below(most + 1)
    return Array.from({ length: count }, () => this.#include(near, level))
  }

  #include(near: Node, level: number): IncludeOptions {
    const far = this.#far()
    const alias = `a${++this.#associations}`
    const link = this.#associate(near, far, alias)
    near.aliases.push(alias)
    // A condition or a scope makes every change relevant.
    const isScoped = this.#random.oneIn(6)
    const isOfScope = isScoped && this.#random.oneIn(2)
    return {
      ...(isOfScope ? { as: alias, model: far.model.scope('ofKindA') } : { association: alias }),
      ...(isScoped && { where: { kind: 'a' }, required: false }),
      ...this.#attributes(far),
      ...link,
      include: this.#includes(far, level + 1),
    }
  }

  #far(): Node {
    const existing = this.#nodes.filter(({ isThrough }) => !isThrough)
    if (existing.length >= mostModels || this.#random.oneIn(4)) return this.#random.one(existing)
    return this.#newNode({ isComposite: this.#random.oneIn(5) })
  }

  /** @returns what the include needs in addition */
  #associate(near: Node, far: Node, as: string): IncludeOptions {
    const kinds = ['belongsTo', 'belongsTo', 'hasMany']
    if (!far.isComposite) kinds.push('hasOne')
    if (!near.isComposite && !far.isComposite) kinds.push('belongsToMany')
    const kind = this.#random.one(kinds)
    if (kind === 'belongsToMany') return this.#associateMany(near, far, as)
    const [holder, target] = kind === 'belongsTo' ? [near, far] : [far, near]
    const key = target.isComposite || this.#random.oneIn(4) ? 'code' : 'id'
    const name = `${as}Key`
    holder.references.push({ attribute: name, target, key, isUnique: kind === 'hasOne' })
    const foreignKey = { name, ...(this.#random.oneIn(3) && { field: `${as}_key` }) }
    const options = { as, foreignKey, constraints: false }
    if (kind === 'belongsTo') near.model.belongsTo(far.model, { ...options, targetKey: key })
    else if (kind === 'hasOne') near.model.hasOne(far.model, { ...options, sourceKey: key })
    else {
      const scope = this.#random.oneIn(4) && { scope: { kind: 'a' } }
      near.model.hasMany(far.model, { ...options, sourceKey: key, ...scope })
    }
    return {}
  }

  #associateMany(near: Node, far: Node, as: string): IncludeOptions {
    const [foreignKey, otherKey] = [`${as}Near`, `${as}Far`]
    const key = { type: DataTypes.INTEGER, primaryKey: true }
    const through = this.#define(`Through${as}`, {
      [foreignKey]: { ...key, field: `${as}_near` },
      [otherKey]: key,
      weight: DataTypes.INTEGER,
    })
    near.model.belongsToMany(far.model, { as, through, foreignKey, otherKey, constraints: false })
    const reference = { key: 'id' as const, isUnique: false }
    this.#nodes.push({
      model: through,
      references: [
        { attribute: foreignKey, target: near, ...reference },
        { attribute: otherKey, target: far, ...reference },
      ],
      aliases: [],
      isThrough: true,
      isComposite: false,
    })
    return { through: { attributes: this.#random.oneIn(2) ? ['weight'] : [] } }
  }

  #attributes({ isComposite }: Node): { attributes?: string[] } {
    if (!this.#isLean) return {}
    return { attributes: ['id', ...(isComposite ? ['part'] : []), 'name'] }
  }

  #newNode({ isComposite }: { readonly isComposite: boolean }): Node {
    const isParanoid = this.#random.oneIn(4)
    const key = { type: DataTypes.INTEGER, primaryKey: true }
    const model = this.#define(
      `Model${this.#nodes.length}`,
      {
        id: { ...key, ...(this.#random.oneIn(3) && { field: 'record_key' }) },
        ...(isComposite && { part: key }),
        name: { type: DataTypes.TEXT, ...(this.#random.oneIn(3) && { field: 'label' }) },
        note: DataTypes.TEXT,
        kind: DataTypes.TEXT,
        code: { type: DataTypes.TEXT, ...(this.#random.oneIn(3) && { field: 'its_code' }) },
      },
      isParanoid,
    )
    model.addScope('ofKindA', { where: { kind: 'a' } })
    const node = { model, references: [], aliases: [], isThrough: false, isComposite }
    this.#nodes.push(node)
    return node
  }

  #define(name: string, attributes: ModelAttributes, isParanoid = false): AnyModel {
    return this.#sequelize.define<AnyRecord>(name, attributes, {
      tableName: name.toLowerCase(),
      timestamps: isParanoid,
      paranoid: isParanoid,
    })
  }
}

function unconditional({ as, association = as, include = [] }: IncludeOptions): IncludeOptions {
  return {
    ...(association !== undefined && { association }),
    required: false,
    paranoid: false,
    include: (include as IncludeOptions[]).map(unconditional),
  }
}

/** A record and all that is included in it, in an order that doesn't depend on the query. */
function plain(record: AnyRecord): object {
  return sorted(JSON.parse(JSON.stringify(record))) as object
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value))
    return value
      .map((each) => JSON.stringify(sorted(each)))
      .toSorted()
      .map((each): unknown => JSON.parse(each))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return Object.fromEntries(entries.map(([name, each]) => [name, sorted(each)]))
}
