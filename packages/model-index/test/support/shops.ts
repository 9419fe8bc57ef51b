import { DataTypes } from 'sequelize'
import type { Model, ModelAttributes, ModelOptions, ModelStatic, Sequelize } from 'sequelize'

/** A record with the attributes and associations that the tests use. */
export type AnyRecord = Model & { readonly id: number; readonly [name: string]: unknown }
export type AnyModel = ModelStatic<AnyRecord>

type Name =
  'Shop' | 'City' | 'Country' | 'Currency' | 'Review' | 'Author' | 'Licence' | 'Tag' | 'ShopTag' | 'Group'

/** Models with every kind of association around `Shop`, the indexed one. */
export type Shops = Readonly<Record<Name, AnyModel>>

export function defineShops(sequelize: Sequelize): Shops {
  const define = (name: string, attributes: ModelAttributes, options: ModelOptions = {}): AnyModel =>
    sequelize.define<AnyRecord>(
      name,
      { name: DataTypes.TEXT, ...attributes },
      { tableName: `${name.toLowerCase()}s`, timestamps: false, ...options },
    )
  const Currency = define('Currency', { code: { type: DataTypes.TEXT, unique: true } })
  const Country = define('Country', { currencyCode: { type: DataTypes.TEXT, field: 'currency' } })
  const City = define('City', { countryId: DataTypes.INTEGER }, { timestamps: true, paranoid: true })
  const Shop = define('Shop', { cityId: DataTypes.INTEGER, parentId: DataTypes.INTEGER })
  const Review = define('Review', { shopId: DataTypes.INTEGER, authorId: DataTypes.INTEGER })
  const Author = define('Author', {})
  const Licence = define('Licence', { shopId: DataTypes.INTEGER })
  const Group = define('Group', {})
  const Tag = define('Tag', { groupId: DataTypes.INTEGER })
  const ShopTag = define('ShopTag', {
    shopId: { type: DataTypes.INTEGER, primaryKey: true },
    tagId: { type: DataTypes.INTEGER, primaryKey: true },
  })
  ShopTag.removeAttribute('name')

  // Without constraints, a parent can be deleted and its children remain.
  const constraints = false
  Country.belongsTo(Currency, {
    as: 'currency',
    foreignKey: 'currencyCode',
    targetKey: 'code',
    constraints,
  })
  City.belongsTo(Country, { as: 'country', foreignKey: 'countryId', constraints })
  Shop.belongsTo(City, { as: 'city', foreignKey: 'cityId', constraints })
  Shop.belongsTo(Shop, { as: 'parent', foreignKey: 'parentId', constraints })
  Shop.hasMany(Review, { as: 'reviews', foreignKey: 'shopId', constraints })
  Shop.hasOne(Licence, { as: 'licence', foreignKey: 'shopId', constraints })
  Review.belongsTo(Author, { as: 'author', foreignKey: 'authorId', constraints })
  Tag.belongsTo(Group, { as: 'group', foreignKey: 'groupId', constraints })
  Shop.belongsToMany(Tag, {
    as: 'tags',
    through: ShopTag,
    foreignKey: 'shopId',
    otherKey: 'tagId',
    constraints,
  })
  return { Shop, City, Country, Currency, Review, Author, Licence, Tag, ShopTag, Group }
}

/** Everything that a shop's document contains. */
export const everything = [
  { association: 'city', include: [{ association: 'country', include: ['currency'] }] },
  { association: 'parent', include: ['city'] },
  { association: 'reviews', include: ['author'] },
  'licence',
  { association: 'tags', include: ['group'] },
]

/** The names of a shop and all that is included. */
export function namesOf(record: unknown): object {
  const { id, name, city, country, currency, parent, author, licence, group, reviews, tags } =
    record as Readonly<Record<string, unknown>>
  const one = { city, country, currency, parent, author, licence, group }
  const many = { reviews, tags }
  return {
    id,
    name,
    ...Object.fromEntries(
      Object.entries(one).flatMap(([key, value]) => (value ? [[key, namesOf(value)]] : [])),
    ),
    ...Object.fromEntries(
      Object.entries(many).flatMap(([key, value]) =>
        Array.isArray(value) && value.length > 0
          ? [[key, value.map(namesOf).toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)))]]
          : [],
      ),
    ),
  }
}
