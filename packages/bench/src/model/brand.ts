import { DataTypes, Model } from 'sequelize'
import type { InferAttributes, InferCreationAttributes, Sequelize } from 'sequelize'

/** Its name stands in the documents of its products. */
export class Brand extends Model<InferAttributes<Brand>, InferCreationAttributes<Brand>> {
  declare id: number
  declare name: string
}

export function initBrand(sequelize: Sequelize): void {
  Brand.init(
    {
      id: { type: DataTypes.INTEGER, primaryKey: true },
      name: { type: DataTypes.TEXT, allowNull: false },
    },
    { sequelize, tableName: 'brands', timestamps: false },
  )
}
