import { DataTypes, Model } from 'sequelize'
import { sequelize } from './database.ts'

export class Category extends Model {
  declare id: number
  declare name: string
}
Category.init({ name: { type: DataTypes.TEXT, allowNull: false } }, { sequelize, modelName: 'category' })
