import { DataTypes, Op, QueryTypes } from 'sequelize'
import type { Transaction, WhereOptions } from 'sequelize'
import { columnOf, notDeleted, sequelizeOf, typeKeyOf } from '../model/model-class.ts'
import type { AnyModel, Row } from '../model/model-class.ts'
import { generatorOf } from '../model/query-generator.ts'
import { findRecordId } from '../model/record-key.ts'
import { afterRow } from '../rows/after-row.ts'
import { columnCondition } from '../rows/condition.ts'
import { exactAttributes } from '../rows/exact-keys.ts'
import { isWholeNumber } from './castable.ts'

/** Which records, by attributes, in the order of the primary key. */
export interface IdQuery {
  readonly where: WhereOptions
  /** The record before the first, by the attributes of its primary key, with its exact keys. */
  readonly after: Row | undefined
  readonly limit: number
  readonly useMaster: boolean
}

/** The ids of some records, and by what those after them are found. */
export interface IdPage {
  readonly ids: readonly (string | number)[]
  readonly last: Row
}

/** Types whose values a driver reads as strings, and JSON as well. Not CHAR: as a text it has no blanks at its end. */
const textTypes = new Set(
  [DataTypes.BIGINT, DataTypes.UUID, DataTypes.STRING, DataTypes.TEXT].map(({ key }) => key),
)

/** Of a record that can't be named to anybody: who is to name it passes it over, and says so. The others need not wait. */
const noId = ''

/** Sequelize distinguishes null, which keeps CLS out, though its types do not. */
export const outsideTransactions = { transaction: null } as unknown as { readonly transaction?: Transaction }

/** Reads ids of records. */
export function readIds(model: AnyModel, query: IdQuery): Promise<IdPage> {
  return canReadAsOne(model) ? readAsOne(model, query) : readRows(model, query)
}

async function readRows(model: AnyModel, { where, after, limit, useMaster }: IdQuery): Promise<IdPage> {
  const keys = model.primaryKeyAttributes
  const rows = (await model.unscoped().findAll({
    attributes: [...keys, ...exactAttributes(model)],
    where: after === undefined ? where : { [Op.and]: [where, afterRow(model, after, (each) => each)] },
    order: [...keys],
    limit,
    raw: true,
    ...outsideTransactions,
    useMaster,
  })) as unknown as readonly Row[]
  return { ids: rows.map((row) => findRecordId(model, row) ?? noId), last: rows.at(-1) ?? {} }
}

/** Whether a model has one key, of a kind that comes out of JSON as the driver reads it. */
function canReadAsOne(model: AnyModel): boolean {
  const [key = '', ...others] = model.primaryKeyAttributes
  return (
    sequelizeOf(model).getDialect() === 'postgres' &&
    others.length === 0 &&
    (isText(model, key) || isWholeNumber(model, key))
  )
}

function isText(model: AnyModel, attribute: string): boolean {
  return textTypes.has(typeKeyOf(model, attribute))
}

/** All ids as one value: a row of its own for each takes the driver and Sequelize longer than all that is done with it. */
async function readAsOne(model: AnyModel, { where, after, limit, useMaster }: IdQuery): Promise<IdPage> {
  const sequelize = sequelizeOf(model)
  const generator = generatorOf(model)
  const [key = ''] = model.primaryKeyAttributes
  const column = generator.quoteIdentifier(columnOf(model, key))
  const isThere = notDeleted(model)
  const conditions = [
    columnCondition(model, where),
    ...(after === undefined ? [] : [afterRow(model, after)]),
    ...(isThere === undefined ? [] : [isThere]),
  ]
  const page = [
    `SELECT ${column} AS id FROM ${generator.quoteTable(model.getTableName())}`,
    generator.whereQuery({ [Op.and]: conditions }, { model }),
    `ORDER BY ${column} LIMIT ${limit}`,
  ].join(' ')
  const id = isText(model, key) ? 'id::text' : 'id'
  const [row] = await sequelize.query<{ readonly ids: string | null }>(
    `SELECT json_agg(${id})::text AS ids FROM (${page}) AS page`,
    { type: QueryTypes.SELECT, ...outsideTransactions, useMaster },
  )
  const ids = JSON.parse(row?.ids ?? '[]') as (string | number)[]
  return { ids, last: { [key]: ids.at(-1) } }
}
