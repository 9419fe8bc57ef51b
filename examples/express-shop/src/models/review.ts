import { DataTypes, Model } from 'sequelize'
import { sequelize } from './database.ts'

export class Review extends Model {
  declare id: number
  declare stars: number
  declare productId: number
}
Review.init(
  { stars: { type: DataTypes.INTEGER, allowNull: false, validate: { min: 1, max: 5 } } },
  { sequelize, modelName: 'review' },
)
