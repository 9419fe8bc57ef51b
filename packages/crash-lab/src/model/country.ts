import { DataTypes, Model } from 'sequelize'
import type { InferAttributes, InferCreationAttributes, Sequelize } from 'sequelize'

/** The documents of its cities contain its name. */
export class Country extends Model<InferAttributes<Country>, InferCreationAttributes<Country>> {
  declare id: number
  declare name: string
}

export function initCountry(sequelize: Sequelize): void {
  Country.init(
    {
      id: { type: DataTypes.INTEGER, primaryKey: true },
      name: { type: DataTypes.TEXT, allowNull: false },
    },
    { sequelize, tableName: 'countries', timestamps: false },
  )
}
