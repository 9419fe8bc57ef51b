import { DataTypes, Model } from 'sequelize'
import type { CreationOptional, InferAttributes, InferCreationAttributes, Sequelize } from 'sequelize'

/**
 * How far the first load has come. It is written in the transactions of the load itself, so that an interrupted load
 * goes on exactly where it was, and a city that somebody deleted later does not come back.
 */
export class LoadState extends Model<InferAttributes<LoadState>, InferCreationAttributes<LoadState>> {
  declare name: string
  /** How many of the records are loaded. */
  declare position: number
  declare total: number
  declare readonly updatedAt: CreationOptional<Date>
}

export function initLoadState(sequelize: Sequelize): void {
  LoadState.init(
    {
      name: { type: DataTypes.STRING(50), primaryKey: true },
      position: { type: DataTypes.INTEGER, allowNull: false },
      total: { type: DataTypes.INTEGER, allowNull: false },
      updatedAt: DataTypes.DATE,
    },
    { sequelize, tableName: 'load_states', underscored: true, createdAt: false },
  )
}
