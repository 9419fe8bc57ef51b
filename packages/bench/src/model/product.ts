import { DataTypes, Model } from 'sequelize'
import type { InferAttributes, InferCreationAttributes, NonAttribute, Sequelize } from 'sequelize'
import { Brand } from './brand.ts'

/** The indexed record. Its document contains the name of its brand. */
export class Product extends Model<InferAttributes<Product>, InferCreationAttributes<Product>> {
  declare id: number
  declare name: string
  declare price: number
  declare brandId: number
  declare brand?: NonAttribute<Brand>
}

export function initProduct(sequelize: Sequelize): void {
  Product.init(
    {
      id: { type: DataTypes.INTEGER, primaryKey: true },
      name: { type: DataTypes.TEXT, allowNull: false },
      price: { type: DataTypes.INTEGER, allowNull: false },
      brandId: { type: DataTypes.INTEGER, allowNull: false, field: 'brand_id' },
    },
    { sequelize, tableName: 'products', timestamps: false },
  )
  Product.belongsTo(Brand, { as: 'brand', foreignKey: 'brandId' })
}
