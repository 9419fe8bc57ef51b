import { DataTypes, Model } from 'sequelize'
import type { ModelStatic, Sequelize } from 'sequelize'

class Numbered extends Model {
  /** Number of records built. */
  static built = 0
  declare id: number
  declare value: number
}

export interface LargeModels {
  readonly Numbered: ModelStatic<Numbered> & { built: number }
  /** With a composite key. */
  readonly Paired: ModelStatic<Model>
}

/** The models of tables with many rows. */
export function defineLargeModels(sequelize: Sequelize): LargeModels {
  const { INTEGER, STRING } = DataTypes
  const options = { sequelize, timestamps: false }
  // Creates a new class each time, because two databases must not share it.
  const NumberedModel = class extends Numbered {
    constructor(...args: ConstructorParameters<typeof Model>) {
      super(...args)
      NumberedModel.built++
    }
  }
  NumberedModel.init(
    { id: { type: INTEGER, primaryKey: true }, value: INTEGER },
    { ...options, modelName: 'Numbered', tableName: 'numbered' },
  )
  const Paired = sequelize.define(
    'Paired',
    {
      site: { type: STRING(8), primaryKey: true },
      day: { type: INTEGER, primaryKey: true },
      value: INTEGER,
    },
    { tableName: 'paired', timestamps: false },
  )
  return { Numbered: NumberedModel, Paired }
}
