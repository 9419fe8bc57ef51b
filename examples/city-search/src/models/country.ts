import { DataTypes, Model } from 'sequelize'
import type { CreationOptional, InferAttributes, InferCreationAttributes } from 'sequelize'
import { sequelize } from './database.ts'

/** A country, by its ISO code. The documents of all its cities contain its name. */
export class Country extends Model<InferAttributes<Country>, InferCreationAttributes<Country>> {
  declare code: string
  declare name: string
  declare readonly createdAt: CreationOptional<Date>
  declare readonly updatedAt: CreationOptional<Date>
}

Country.init(
  {
    code: { type: DataTypes.STRING(2), primaryKey: true },
    name: { type: DataTypes.STRING(100), allowNull: false },
    createdAt: DataTypes.DATE,
    updatedAt: DataTypes.DATE,
  },
  { sequelize, tableName: 'countries', underscored: true },
)
