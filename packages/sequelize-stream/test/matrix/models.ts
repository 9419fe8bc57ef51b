import { DataTypes, Model } from 'sequelize'
import type { ModelStatic, Sequelize } from 'sequelize'

class City extends Model {
  declare id: number
  declare name: string
  declare population: number
  declare countryCode: string | null
}

export interface MatrixModels {
  readonly Country: ModelStatic<Model>
  readonly City: ModelStatic<City>
  /** One-to-one with City. */
  readonly Mayor: ModelStatic<Model>
  /** Paranoid, with a default scope. */
  readonly Note: ModelStatic<Model>
  readonly Tag: ModelStatic<Model>
  /** Many-to-many with an additional value, and a composite primary key. */
  readonly CityTag: ModelStatic<Model>
  /** A composite primary key with renamed columns. */
  readonly Reading: ModelStatic<Model>
  /** A renamed BIGINT as its primary key. */
  readonly Event: ModelStatic<Model>
  /** For additional writes in a transaction, besides the tested path. */
  readonly Marker: ModelStatic<Model>
}

const { BIGINT, BOOLEAN, INTEGER, STRING } = DataTypes
const autoKey = { type: INTEGER, primaryKey: true, autoIncrement: true }

/**
 * Every kind of primary key and association. Columns are in snake case, so most are named differently from their
 * attribute, and none needs quotes in any dialect.
 */
export function defineMatrixModels(sequelize: Sequelize): MatrixModels {
  const models = { ...defineCities(sequelize), ...defineOthers(sequelize) }
  associate(models)
  return models
}

function defineCities(sequelize: Sequelize): Pick<MatrixModels, 'Country' | 'City' | 'Mayor'> {
  const Country = sequelize.define(
    'Country',
    { code: { type: STRING(8), primaryKey: true, field: 'iso_code' }, name: STRING },
    { tableName: 'countries', timestamps: false },
  )
  // Creates a new class each time, because two databases must not share it.
  const CityModel = class extends City {}
  CityModel.init(
    {
      id: autoKey,
      name: { type: STRING, unique: true },
      population: { type: INTEGER, defaultValue: 0 },
      countryCode: { type: STRING(8), field: 'country_code' },
    },
    {
      sequelize,
      modelName: 'City',
      tableName: 'cities',
      timestamps: false,
      scopes: { german: { where: { countryCode: 'DE' } } },
    },
  )
  const Mayor = sequelize.define(
    'Mayor',
    { id: { ...autoKey, field: 'mayor_id' }, name: STRING, cityId: { type: INTEGER, field: 'city_id' } },
    { tableName: 'mayors', timestamps: false },
  )
  return { Country, City: CityModel, Mayor }
}

function defineOthers(sequelize: Sequelize): Omit<MatrixModels, 'Country' | 'City' | 'Mayor'> {
  const plain = { timestamps: false }
  const Note = sequelize.define(
    'Note',
    {
      id: autoKey,
      text: STRING,
      isDraft: { type: BOOLEAN, field: 'is_draft', defaultValue: false },
      cityId: { type: INTEGER, field: 'city_id' },
      removedAt: { type: DataTypes.DATE, field: 'removed_at' },
    },
    {
      tableName: 'notes',
      paranoid: true,
      createdAt: false,
      updatedAt: false,
      deletedAt: 'removedAt',
      defaultScope: { where: { isDraft: false } },
    },
  )
  const Tag = sequelize.define('Tag', { id: autoKey, name: STRING }, { ...plain, tableName: 'tags' })
  const CityTag = sequelize.define(
    'CityTag',
    {
      cityId: { type: INTEGER, field: 'city_id', primaryKey: true },
      tagId: { type: INTEGER, field: 'tag_id', primaryKey: true },
      weight: { type: INTEGER, defaultValue: 1 },
    },
    { ...plain, tableName: 'city_tags' },
  )
  const Reading = sequelize.define(
    'Reading',
    {
      site: { type: STRING(8), primaryKey: true, field: 'site_no' },
      day: { type: INTEGER, primaryKey: true, field: 'day_no' },
      value: { type: INTEGER, field: 'reading_value' },
    },
    { ...plain, tableName: 'readings' },
  )
  const Event = sequelize.define(
    'Event',
    { uid: { type: BIGINT, primaryKey: true, autoIncrement: true, field: 'event_id' }, title: STRING },
    { ...plain, tableName: 'events' },
  )
  const Marker = sequelize.define('Marker', { id: autoKey, note: STRING }, { ...plain, tableName: 'markers' })
  return { Note, Tag, CityTag, Reading, Event, Marker }
}

function associate({ Country, City, Mayor, Note, Tag, CityTag }: MatrixModels): void {
  City.belongsTo(Country, { foreignKey: 'countryCode', as: 'country' })
  Country.hasMany(City, { foreignKey: 'countryCode', as: 'cities' })
  City.hasOne(Mayor, { foreignKey: 'cityId', as: 'mayor' })
  Mayor.belongsTo(City, { foreignKey: 'cityId', as: 'city' })
  City.hasMany(Note, { foreignKey: 'cityId', as: 'notes' })
  Note.belongsTo(City, { foreignKey: 'cityId', as: 'city' })
  City.belongsToMany(Tag, { through: CityTag, foreignKey: 'cityId', otherKey: 'tagId', as: 'tags' })
  Tag.belongsToMany(City, { through: CityTag, foreignKey: 'tagId', otherKey: 'cityId', as: 'cities' })
}
