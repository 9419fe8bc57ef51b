import { QueryTypes } from 'sequelize'
import type { Model, ModelStatic, QueryInterface, Sequelize } from 'sequelize'
import { sequelizeOf } from '../model/model-class.ts'
import type { AnyModel, Row } from '../model/model-class.ts'

/** What a model reads by, with the parameters that it really has. */
interface QueryReads {
  select(model: AnyModel, table: unknown, options: object): Promise<readonly Row[]>
}

/** The part of Sequelize's query generator that renders a SELECT. */
interface SelectWriter {
  selectQuery(table: unknown, options: object, model: AnyModel): string
}

/**
 * A variant of the model that hands out the driver's own rows when it is asked for plain objects. Sequelize copies each of
 * them, key by key, which takes as long as making records of them.
 *
 * Only PostgreSQL's driver makes them so, and only reads from the primary are asked for like this: for all else the model
 * is returned as it is.
 */
export function withoutCopies<M extends Model>(model: ModelStatic<M>, useMaster: boolean): ModelStatic<M> {
  const sequelize = sequelizeOf(model)
  if (sequelize.getDialect() !== 'postgres' || !useMaster) return model
  // As Sequelize makes variants of a model that have another scope.
  const variant = class extends (model as unknown as new () => object) {}
  const queryInterface = readingRows(sequelize)
  Object.defineProperties(variant, { name: { value: model.name }, queryInterface: { value: queryInterface } })
  return variant as unknown as ModelStatic<M>
}

/** Sequelize's query interface; all but its `select` is the original's, which is the prototype. */
function readingRows(sequelize: Sequelize): QueryInterface {
  const original = sequelize.getQueryInterface()
  const generator = original.queryGenerator as SelectWriter
  const reads: QueryReads = {
    select: async (model, table, options) => {
      const sql = generator.selectQuery(table, { ...options, model }, model)
      // With a model it would be a SELECT, whose rows are copied.
      const [rows] = await sequelize.query(sql, { ...options, type: QueryTypes.RAW })
      return rows as readonly Row[]
    },
  }
  return Object.assign(Object.create(original) as QueryInterface, reads)
}
