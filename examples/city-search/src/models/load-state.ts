import { DataTypes, Model } from 'sequelize'
import type { CreationOptional, InferAttributes, InferCreationAttributes } from 'sequelize'
import { sequelize } from './database.ts'

/**
 * The progress of the first load. It is written in the load's own transactions, so that an interrupted load continues
 * exactly where it stopped, and a city that was deleted later does not come back.
 */
export class LoadState extends Model<InferAttributes<LoadState>, InferCreationAttributes<LoadState>> {
  declare name: string
  /** Number of records loaded. */
  declare position: number
  declare total: number
  declare readonly updatedAt: CreationOptional<Date>
}

LoadState.init(
  {
    name: { type: DataTypes.STRING(50), primaryKey: true },
    position: { type: DataTypes.INTEGER, allowNull: false },
    total: { type: DataTypes.INTEGER, allowNull: false },
    updatedAt: DataTypes.DATE,
  },
  { sequelize, tableName: 'load_states', underscored: true, createdAt: false },
)
