import { Op } from 'sequelize'
import type { Sequelize } from 'sequelize'
import type { Shops } from './shops.ts'

/** A random number generator with a seed (mulberry32). */
function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), 1 | state)
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value
    return ((value ^ (value >>> 14)) >>> 0) % below
  }
}

const ids = 12

/** Writes of every kind to every model, in an order that the seed decides. */
export class RandomWrites {
  readonly #models: Shops
  readonly #sequelize: Sequelize
  readonly #random: (below: number) => number
  #count = 0

  constructor(sequelize: Sequelize, models: Shops, seed: number) {
    this.#sequelize = sequelize
    this.#models = models
    this.#random = randomFrom(seed)
  }

  async write(): Promise<void> {
    const { ShopTag, Shop } = this.#models
    const models = Object.values(this.#models).filter((model) => model !== ShopTag)
    const model = this.#one(models)
    const existing = await model.findByPk(this.#id())
    const kinds: (() => Promise<unknown>)[] = [
      () => this.#upsert(model.name),
      () => this.#upsert(model.name),
      async () => existing?.update(this.#values(model.name)),
      async () => existing?.destroy(),
      () => model.update(this.#values(model.name), { where: { id: { [Op.lte]: this.#id() } } }),
      () => model.destroy({ where: { id: this.#id() } }),
      () => this.#models.City.restore({ where: { id: this.#id() } }),
      () => {
        const values = { id: this.#id(), ...this.#values('Review') }
        return this.#models.Review.bulkCreate([values], { updateOnDuplicate: ['name', 'shopId', 'authorId'] })
      },
      async () => ShopTag.findOrCreate({ where: { shopId: this.#id(), tagId: this.#id() } }),
      () => ShopTag.destroy({ where: { tagId: this.#id() } }),
      () =>
        ShopTag.update({ tagId: 100 + this.#count }, { where: { shopId: this.#id(), tagId: this.#id() } }),
      async () => {
        const shop = await Shop.findByPk(this.#id())
        const set = (shop as unknown as { setTags?: (ids: number[]) => Promise<void> } | null)?.setTags
        await set?.call(
          shop,
          (await this.#models.Tag.findAll({ limit: 3 })).map(({ id }) => id),
        )
      },
      () => this.#swapInTransaction(),
    ]
    this.#count++
    await this.#one(kinds)()
  }

  async #upsert(name: string): Promise<void> {
    const model = this.#modelOf(name)
    const id = this.#id()
    const found = await model.findByPk(id, { paranoid: false })
    const code = name === 'Currency' && { code: `C${id}` }
    if (found === null) await model.create({ id, ...this.#values(name), ...code })
    else await found.update(this.#values(name))
  }

  /** Two shops exchange their cities, and a review moves, in one transaction. */
  async #swapInTransaction(): Promise<void> {
    await this.#sequelize.transaction(async (transaction) => {
      const { Shop, Review } = this.#models
      const [one, other] = await Shop.findAll({
        limit: 2,
        offset: this.#random(4),
        order: ['id'],
        transaction,
      })
      await one?.update({ cityId: other?.['cityId'] ?? null }, { transaction })
      await other?.update({ cityId: one?.['cityId'] ?? null }, { transaction })
      await Review.update({ shopId: this.#id() }, { where: { id: this.#id() }, transaction })
    })
  }

  #values(name: string): object {
    const label = { name: `${name} ${this.#count}` }
    const some = (): number | null => (this.#random(5) === 0 ? null : this.#id())
    if (name === 'Currency') return label
    if (name === 'Country') return { ...label, currencyCode: `C${this.#id()}` }
    if (name === 'City') return { ...label, countryId: some() }
    if (name === 'Shop') return { ...label, cityId: some(), parentId: some() }
    if (name === 'Review') return { ...label, shopId: some(), authorId: some() }
    if (name === 'Licence') return { ...label, shopId: some() }
    return name === 'Tag' ? { ...label, groupId: some() } : label
  }

  #modelOf(name: string): Shops['Shop'] {
    const model = Object.values(this.#models).find((each) => each.name === name)
    if (model === undefined) throw new Error(`There is no ${name}`)
    return model
  }

  #id(): number {
    return 1 + this.#random(ids)
  }

  #one<T>(from: readonly T[]): T {
    return from[this.#random(from.length)] as T
  }
}
