import { DataTypes, Model } from 'sequelize'
import type { InferAttributes, InferCreationAttributes, Sequelize } from 'sequelize'

/** Its name stands in the documents of its cities. */
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
