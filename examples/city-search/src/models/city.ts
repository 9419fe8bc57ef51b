import { DataTypes, Model } from 'sequelize'
import type { CreationOptional, InferAttributes, InferCreationAttributes, NonAttribute } from 'sequelize'
import { Country } from './country.ts'
import { sequelize } from './database.ts'

/** A city, the record that is searched for. */
export class City extends Model<InferAttributes<City>, InferCreationAttributes<City>> {
  declare id: number
  declare name: string
  declare countryCode: string
  declare population: number
  declare latitude: number
  declare longitude: number
  declare readonly createdAt: CreationOptional<Date>
  declare readonly updatedAt: CreationOptional<Date>
  declare country?: NonAttribute<Country>
}

City.init(
  {
    id: { type: DataTypes.INTEGER, primaryKey: true },
    name: { type: DataTypes.STRING(100), allowNull: false },
    countryCode: { type: DataTypes.STRING(2), allowNull: false },
    population: { type: DataTypes.INTEGER, allowNull: false },
    latitude: { type: DataTypes.DOUBLE, allowNull: false },
    longitude: { type: DataTypes.DOUBLE, allowNull: false },
    createdAt: DataTypes.DATE,
    updatedAt: DataTypes.DATE,
  },
  // For the cascade, which reads the cities of one country in the order of their ids.
  { sequelize, tableName: 'cities', underscored: true, indexes: [{ fields: ['country_code', 'id'] }] },
)
City.belongsTo(Country, { as: 'country', foreignKey: 'countryCode', targetKey: 'code' })
