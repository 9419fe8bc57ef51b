import { DataTypes, Model } from 'sequelize'
import type { BelongsToManySetAssociationsMixin } from 'sequelize'
import { Brand } from './brand.ts'
import { Category } from './category.ts'
import { sequelize } from './database.ts'
import { Review } from './review.ts'

export class Product extends Model {
  declare id: number
  declare name: string
  declare brandId: number | null
  declare brand?: Brand | null
  declare categories?: Category[]
  declare reviews?: Review[]
  declare setCategories: BelongsToManySetAssociationsMixin<Category, number>
}
Product.init({ name: { type: DataTypes.TEXT, allowNull: false } }, { sequelize, modelName: 'product' })

Product.belongsTo(Brand)
Product.belongsToMany(Category, { through: 'product_categories' })
Category.belongsToMany(Product, { through: 'product_categories' })
Product.hasMany(Review, { onDelete: 'CASCADE', hooks: true })
Review.belongsTo(Product)
