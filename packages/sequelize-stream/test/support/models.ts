import { DataTypes, Model } from 'sequelize'
import type { ModelStatic, Sequelize } from 'sequelize'

class Country extends Model {
  declare code: string
  declare name: string
}

class City extends Model {
  declare id: number
  declare name: string
  declare population: number
  declare countryCode: string | null
}

export interface Models {
  readonly Country: ModelStatic<Country>
  readonly City: ModelStatic<City>
  /** Paranoid. */
  readonly Note: ModelStatic<Model>
  readonly Tag: ModelStatic<Model>
  /** Many-to-many, with a composite primary key. */
  readonly CityTag: ModelStatic<Model>
  /** Its primary key is a BIGINT, and the key's column has another name. */
  readonly Event: ModelStatic<Model>
  /** One-to-one with City. */
  readonly Mayor: ModelStatic<Model>
}

const { BIGINT, INTEGER, STRING } = DataTypes

/** The models of the tests: classes and defined models, with every kind of association and primary key. */
export function defineModels(sequelize: Sequelize): Models {
  const options = { sequelize, timestamps: false }
  // Creates new classes each time, because two databases must not share them.
  const CountryModel = class extends Country {}
  const CityModel = class extends City {}
  CountryModel.init(
    { code: { type: STRING, primaryKey: true }, name: STRING },
    { ...options, modelName: 'Country', tableName: 'countries' },
  )
  CityModel.init(
    {
      id: { type: INTEGER, primaryKey: true, autoIncrement: true },
      name: { type: STRING, unique: true },
      population: { type: INTEGER, defaultValue: 0 },
      countryCode: { type: STRING, field: 'country_code' },
    },
    {
      ...options,
      modelName: 'City',
      tableName: 'cities',
      scopes: { large: { where: { population: 100 } }, german: { where: { countryCode: 'DE' } } },
    },
  )
  const Note = sequelize.define(
    'Note',
    { id: { type: INTEGER, primaryKey: true, autoIncrement: true }, text: STRING },
    { tableName: 'notes', paranoid: true, timestamps: true },
  )
  const Tag = sequelize.define('Tag', { name: STRING }, { tableName: 'tags', timestamps: false })
  const CityTag = sequelize.define('CityTag', {}, { tableName: 'city_tags', timestamps: false })
  const Event = sequelize.define(
    'Event',
    { uid: { type: BIGINT, primaryKey: true, autoIncrement: true, field: 'event_id' }, title: STRING },
    { tableName: 'events', timestamps: false },
  )
  const Mayor = sequelize.define('Mayor', { name: STRING }, { tableName: 'mayors', timestamps: false })
  CityModel.belongsTo(CountryModel, { foreignKey: 'countryCode', as: 'country' })
  CountryModel.hasMany(CityModel, { foreignKey: 'countryCode', as: 'cities' })
  CityModel.hasOne(Mayor, { foreignKey: 'cityId', as: 'mayor' })
  Mayor.belongsTo(CityModel, { foreignKey: 'cityId', as: 'city' })
  CityModel.belongsToMany(Tag, { through: CityTag, foreignKey: 'cityId', otherKey: 'tagId', as: 'tags' })
  Tag.belongsToMany(CityModel, { through: CityTag, foreignKey: 'tagId', otherKey: 'cityId', as: 'cities' })
  Note.belongsTo(CityModel, { foreignKey: 'cityId', as: 'city' })
  return { Country: CountryModel, City: CityModel, Note, Tag, CityTag, Event, Mayor }
}

/** The rows that every test starts with, written without a stream. */
export const rows = {
  countries: `INSERT INTO countries (code, name) VALUES ('DE', 'Germany'), ('FR', 'France')`,
  cities: `INSERT INTO cities (id, name, population, country_code) VALUES (1, 'Berlin', 100, 'DE'), (2, 'Bonn', 10, 'DE'), (3, 'Paris', 100, 'FR')`,
  notes: `INSERT INTO notes (id, text, "cityId", "createdAt", "updatedAt", "deletedAt") VALUES (1, 'one', 1, now(), now(), NULL), (2, 'two', 2, now(), now(), now())`,
  tags: `INSERT INTO tags (id, name) VALUES (1, 'capital'), (2, 'river')`,
  city_tags: `INSERT INTO city_tags ("cityId", "tagId") VALUES (1, 1), (3, 1)`,
  events: `INSERT INTO events (event_id, title) VALUES (9007199254740993, 'big')`,
  mayors: `INSERT INTO mayors (id, name, "cityId") VALUES (1, 'Kai', 1)`,
}

export async function resetRows(sequelize: Sequelize): Promise<void> {
  const tables = Object.keys(rows).toReversed().join(', ')
  const restarts = ['cities', 'notes', 'tags', 'mayors'].map(
    (table) => `SELECT setval('${table}_id_seq', 1000)`,
  )
  const sql = [
    `TRUNCATE ${tables}`,
    ...Object.values(rows),
    ...restarts,
    `SELECT setval('events_event_id_seq', 1000)`,
  ]
  await sequelize.query(sql.join('; '))
}
