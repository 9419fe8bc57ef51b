import { DataTypes, Model } from 'sequelize'
import type { InferAttributes, InferCreationAttributes, Sequelize } from 'sequelize'

/** The documents of its products contain its name. */
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
