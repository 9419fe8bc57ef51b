import { DataTypes, Model } from 'sequelize'
import type { CreationOptional, InferAttributes, InferCreationAttributes, Sequelize } from 'sequelize'

export class City extends Model<InferAttributes<City>, InferCreationAttributes<City>> {
  /** A BIGINT, which the driver returns as a string. */
  declare id: string
  declare name: string
  declare country: CreationOptional<string>
  /** A number in the index, but any text in the database. This gives a document that the search engine rejects. */
  declare population: CreationOptional<string>
}

export class Place extends Model<InferAttributes<Place>, InferCreationAttributes<Place>> {
  /** A UUID. */
  declare id: string
  declare name: string
}

export async function defineModels(sequelize: Sequelize): Promise<void> {
  City.init(
    {
      id: { type: DataTypes.BIGINT, primaryKey: true },
      name: { type: DataTypes.TEXT, allowNull: false },
      country: { type: DataTypes.TEXT, allowNull: false, defaultValue: 'de' },
      population: { type: DataTypes.TEXT, allowNull: false, defaultValue: '1' },
    },
    { sequelize, tableName: 'cities', timestamps: false },
  )
  Place.init(
    {
      id: { type: DataTypes.UUID, primaryKey: true },
      name: { type: DataTypes.TEXT, allowNull: false },
    },
    { sequelize, tableName: 'places', timestamps: false },
  )
  await sequelize.sync()
}

export const cityDocument = ({ name, population }: City): object => ({ name, population })

export const cityMappings = {
  properties: { name: { type: 'keyword' }, population: { type: 'long' } },
}
