import { DataTypes, Model } from 'sequelize'
import type { InferAttributes, InferCreationAttributes, NonAttribute, Sequelize } from 'sequelize'
import { Country } from './country.ts'

/** Its country's document contains the number of its cities. */
export class City extends Model<InferAttributes<City>, InferCreationAttributes<City>> {
  declare id: number
  declare name: string
  declare population: number
  declare countryId: number
  declare country?: NonAttribute<Country>
}

export function initCity(sequelize: Sequelize): void {
  City.init(
    {
      id: { type: DataTypes.INTEGER, primaryKey: true },
      name: { type: DataTypes.TEXT, allowNull: false },
      population: { type: DataTypes.INTEGER, allowNull: false },
      countryId: { type: DataTypes.INTEGER, allowNull: false, field: 'country_id' },
    },
    { sequelize, tableName: 'cities', timestamps: false },
  )
  City.belongsTo(Country, { as: 'country', foreignKey: 'countryId' })
}
