import { Op } from 'sequelize'
import type { CreateOptions, Sequelize, Transaction } from 'sequelize'
import type { Graph, Node, Reference } from './random-graph.ts'
import type { Random } from './random.ts'
import type { AnyRecord } from './shops.ts'

/** So many records of a model exist at most. Few, so that most of them are connected. */
const mostRecords = 12

interface Options {
  readonly transaction?: Transaction
}

type Mixin = (this: AnyRecord, value: unknown, options?: Options) => Promise<unknown>

/** Writes of every kind to every model of a graph, in an order that the seed decides. */
export class RandomWrites {
  readonly #sequelize: Sequelize
  readonly #nodes: readonly Node[]
  readonly #random: Random
  #count = 0

  constructor(sequelize: Sequelize, { nodes }: Graph, random: Random) {
    this.#sequelize = sequelize
    this.#nodes = nodes
    this.#random = random
  }

  /** Creates some records of each model. */
  async fill(): Promise<void> {
    for (const node of this.#nodes)
      for (let count = 0; count < mostRecords / 2; count++) await this.#createOrUpdate(node, {})
  }

  async write(): Promise<void> {
    if (!this.#random.oneIn(8)) return this.#writeOne({})
    const isRolledBack = this.#random.oneIn(3)
    const count = 2 + this.#random.below(4)
    try {
      await this.#sequelize.transaction(async (transaction) => {
        for (let number = 0; number < count; number++) await this.#writeOne({ transaction })
        if (isRolledBack) throw rollback
      })
    } catch (error) {
      if (error !== rollback) throw error
    }
  }

  async #writeOne(options: Options): Promise<void> {
    this.#count++
    const node = this.#random.one(this.#nodes)
    const kinds = node.isThrough ? this.#throughKinds(node, options) : this.#kinds(node, options)
    await this.#random.one(kinds)()
  }

  #kinds(node: Node, options: Options): readonly (() => Promise<unknown>)[] {
    const { model } = node
    const some = { where: { id: { [Op.lte]: this.#id() } } }
    return [
      () => this.#createOrUpdate(node, options),
      () => this.#createOrUpdate(node, options),
      () => this.#createWithChildren(node, options),
      async () => (await this.#existing(node, options))?.update(this.#changes(node), options),
      async () => this.#changeCode(await this.#existing(node, options), options),
      async () => (await this.#existing(node, options))?.destroy(options),
      async () => (await this.#existing(node, options))?.destroy({ ...options, force: true }),
      () => this.#callMixin(node, options),
      () => this.#callMixin(node, options),
      () => model.update(this.#changes(node), { ...some, ...options }),
      () => model.update({ note: `note ${this.#count}` }, { ...some, ...options }),
      () => model.destroy({ where: { id: this.#id() }, ...options }),
      async () => model.options.paranoid && model.restore({ ...some, ...options }),
      () => model.upsert(this.#values(node, this.#key(node)), options),
      () => model.bulkCreate([this.#values(node, this.#key(node))], { ignoreDuplicates: true, ...options }),
      () =>
        model.bulkCreate([this.#values(node, this.#key(node))], {
          updateOnDuplicate: ['name', ...freely(node.references)],
          ...options,
        }),
    ]
  }

  #throughKinds({ model, references }: Node, options: Options): readonly (() => Promise<unknown>)[] {
    const [near = '', far = ''] = references.map(({ attribute }) => attribute)
    const row = this.#row(references)
    const weight = this.#count
    return [
      () => model.findOrCreate({ where: row, ...options }),
      () => model.upsert({ ...row, weight }, options),
      () => model.update({ weight }, { where: { [near]: row[near] }, ...options }),
      async () => {
        const other = { ...row, [far]: this.#id() }
        const isFree = (await model.count({ where: other, ...options })) === 0
        return isFree && model.update({ [far]: other[far] }, { where: row, ...options })
      },
      () => model.destroy({ where: { [far]: row[far] }, ...options }),
    ]
  }

  async #createOrUpdate(node: Node, options: Options): Promise<unknown> {
    if (node.isThrough) return node.model.findOrCreate({ where: this.#row(node.references), ...options })
    const key = this.#key(node)
    const found = await node.model.findOne({ where: key, paranoid: false, ...options })
    return found === null
      ? node.model.create(this.#values(node, key), options)
      : found.update(this.#changes(node), options)
  }

  async #changeCode(record: AnyRecord | null, options: Options): Promise<unknown> {
    return record?.update(this.#code(record as Key & AnyRecord), options)
  }

  /** Creates a record together with one that refers to it. */
  async #createWithChildren(node: Node, options: Options): Promise<void> {
    const key = this.#key(node)
    const alias = node.aliases.find((each) => node.model.associations[each]?.associationType === 'HasMany')
    const target = this.#nodes.find(
      ({ model }) => model.name === node.model.associations[alias ?? '']?.target.name,
    )
    if (alias === undefined || target === undefined) return
    const childKey = this.#key(target)
    const isTaken = async ({ model }: Node, where: Key): Promise<boolean> =>
      (await model.count({ where, paranoid: false, ...options })) > 0
    if ((await isTaken(node, key)) || (await isTaken(target, childKey))) return
    if (target === node && key.id === childKey.id) return
    const values = { ...this.#values(node, key), [alias]: [this.#values(target, childKey)] }
    await node.model.create(values, { include: [alias], ...options } as CreateOptions)
  }

  /** `setX`, `addX` or `removeX` of an association. */
  async #callMixin(node: Node, options: Options): Promise<void> {
    const record = await this.#existing(node, options)
    if (record === null || node.aliases.length === 0) return
    const association = node.model.associations[this.#random.one(node.aliases)]
    const target = this.#nodes.find(({ model }) => model.name === association?.target.name)
    if (association === undefined || target === undefined) return
    const others = await target.model.findAll({ order: ['id'], ...options })
    const other = others.length > 0 ? this.#random.one(others) : null
    const { accessors } = association as typeof association & { accessors: Record<string, string> }
    const call = async (kind: string, value: unknown): Promise<void> => {
      const method = record[accessors[kind] ?? ''] as Mixin
      await method.call(record, value, options)
    }
    const { associationType } = association
    if (associationType === 'BelongsTo') await call('set', this.#random.oneIn(4) ? null : other)
    // A record of its own is moved only among those with its number: see `#reference`.
    else if (associationType === 'HasOne') await call('set', null)
    else if (this.#random.oneIn(3)) await call('set', others.slice(0, this.#random.below(4)))
    else if (other !== null) await call(this.#random.oneIn(2) ? 'add' : 'remove', other)
  }

  #existing(node: Node, options: Options): Promise<AnyRecord | null> {
    return node.model.findOne({ where: this.#key(node), ...options })
  }

  #key({ isComposite }: Node): Key {
    return { id: this.#id(), ...(isComposite && { part: 1 + this.#random.below(2) }) }
  }

  #values(node: Node, key: Key): Record<string, unknown> {
    return {
      ...key,
      name: `${node.model.name} ${this.#count}`,
      ...this.#code(key),
      ...this.#references(node, key),
      ...this.#kind(),
    }
  }

  /** Some new values, for one record or several. */
  #changes({ model, references }: Node): object {
    const free = references.filter(({ isUnique }) => !isUnique)
    const reference = free.length > 0 && this.#random.oneIn(2) && this.#random.one(free)
    return {
      ...(this.#random.oneIn(2) && { name: `${model.name} ${this.#count}` }),
      ...(this.#random.oneIn(5) && { note: `note ${this.#count}` }),
      ...(reference && { [reference.attribute]: this.#reference(reference, { id: 0 }) }),
      ...(this.#random.oneIn(5) && this.#kind()),
    }
  }

  #kind(): object {
    return { kind: this.#random.oneIn(2) ? 'a' : 'b' }
  }

  /** The other key of a record has two values, so that it changes and stays unique. */
  #code({ id, part }: Key): { code: string } {
    const letter = this.#random.oneIn(2) ? 'C' : 'D'
    return { code: part === undefined ? `${letter}${id}` : `${letter}${id}.${part}` }
  }

  /** The key of a row of a through model. */
  #row(references: readonly Reference[]): Record<string, number> {
    return Object.fromEntries(references.map(({ attribute }) => [attribute, this.#id()]))
  }

  #references({ references }: Node, key: Key): Record<string, unknown> {
    return Object.fromEntries(references.map((each) => [each.attribute, this.#reference(each, key)]))
  }

  /** The value of a foreign key. A unique one refers to the record with the holder's own number. */
  #reference({ key, target, isUnique }: Reference, holder: Key): number | string | null {
    if (this.#random.oneIn(5)) return null
    const referred = isUnique ? { ...this.#key(target), id: holder.id } : this.#key(target)
    return key === 'code' ? this.#code(referred).code : referred.id
  }

  #id(): number {
    return 1 + this.#random.below(mostRecords)
  }
}

type Key = {
  readonly id: number
  readonly part?: number
}

const rollback = new Error('rolled back')

function freely(references: readonly Reference[]): string[] {
  return references.flatMap(({ attribute, isUnique }) => (isUnique ? [] : [attribute]))
}
