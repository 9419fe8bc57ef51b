import { DataTypes, Model, Sequelize } from 'sequelize'

// Your models, as you have them already.
export const sequelize = new Sequelize(
  process.env['DATABASE_URL'] ?? 'postgres://postgres:postgres@localhost:5432/postgres',
  { logging: false },
)

export class Product extends Model {
  declare id: number
  declare name: string
  declare price: number
}
Product.init({ name: DataTypes.TEXT, price: DataTypes.INTEGER }, { sequelize, modelName: 'product' })
