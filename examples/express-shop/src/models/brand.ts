import { DataTypes, Model } from 'sequelize'
import { sequelize } from './database.ts'

export class Brand extends Model {
  declare id: number
  declare name: string
}
Brand.init({ name: { type: DataTypes.TEXT, allowNull: false } }, { sequelize, modelName: 'brand' })
