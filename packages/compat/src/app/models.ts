import { DataTypes } from 'sequelize'
import type { Model, ModelStatic, Sequelize } from 'sequelize'

export type AnyModel = ModelStatic<Model>

export interface Models {
  readonly Country: AnyModel
  readonly City: AnyModel
  /** Paranoid. */
  readonly Note: AnyModel
  readonly Tag: AnyModel
  /** Many-to-many, with a composite key. */
  readonly CityTag: AnyModel
  /** A composite key of its own. */
  readonly Reading: AnyModel
  /** A BIGINT as its key. */
  readonly Event: AnyModel
}

const { BIGINT, INTEGER, STRING } = DataTypes
const autoKey = { type: INTEGER, primaryKey: true, autoIncrement: true }
const plain = { timestamps: false }

/** Every kind of key and association. Most columns are named differently from their attributes. */
export function defineModels(sequelize: Sequelize): Models {
  const models = { ...defineCities(sequelize), ...defineOthers(sequelize) }
  const { Country, City, Note, Tag, CityTag } = models
  City.belongsTo(Country, { foreignKey: 'countryCode', as: 'country' })
  Country.hasMany(City, { foreignKey: 'countryCode', as: 'cities' })
  City.hasMany(Note, { foreignKey: 'cityId', as: 'notes' })
  Note.belongsTo(City, { foreignKey: 'cityId', as: 'city' })
  City.belongsToMany(Tag, { through: CityTag, foreignKey: 'cityId', otherKey: 'tagId', as: 'tags' })
  Tag.belongsToMany(City, { through: CityTag, foreignKey: 'tagId', otherKey: 'cityId', as: 'cities' })
  return models
}

function defineCities(sequelize: Sequelize): Pick<Models, 'Country' | 'City' | 'Note'> {
  const Country = sequelize.define(
    'Country',
    { code: { type: STRING(8), primaryKey: true, field: 'iso_code' }, name: STRING },
    { ...plain, tableName: 'countries' },
  )
  const City = sequelize.define(
    'City',
    {
      id: autoKey,
      name: { type: STRING, unique: true, allowNull: false },
      population: { type: INTEGER, defaultValue: 0 },
      countryCode: { type: STRING(8), field: 'country_code' },
    },
    { tableName: 'cities', underscored: true },
  )
  const Note = sequelize.define(
    'Note',
    { id: autoKey, text: STRING, cityId: { type: INTEGER, field: 'city_id' } },
    { tableName: 'notes', underscored: true, paranoid: true },
  )
  return { Country, City, Note }
}

function defineOthers(sequelize: Sequelize): Omit<Models, 'Country' | 'City' | 'Note'> {
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
  return { Tag, CityTag, Reading, Event }
}
