import { DataTypes, Op, QueryTypes } from 'sequelize'
import type { WhereOptions } from 'sequelize'
import { columnOf, notDeleted, sequelizeOf, typeKeyOf } from '../model/model-class.ts'
import { generatorOf } from '../model/query-generator.ts'
import { findRecordId } from '../model/record-key.ts'
import { outsideTransactions, rawRows } from '../model/untyped.ts'
import { afterRow } from '../rows/after-row.ts'
import { columnCondition } from '../rows/condition.ts'
import { exactAttributes } from '../rows/exact-keys.ts'
import { isWholeNumber } from './castable.ts'
import type { AnyModel, Row } from '../model/types.ts'

/** Selects records, by attributes, in primary-key order. */
export interface IdQuery {
  readonly where: WhereOptions
  /** The last record of the previous page: the attributes of its primary key, with its exact keys. */
  readonly after: Row | undefined
  readonly limit: number
  readonly useMaster: boolean
  /** Whether to leave out soft-deleted records. */
  readonly paranoid: boolean
}

/** The ids of a page of records, and the position of the next page. */
export interface IdPage {
  readonly ids: readonly (string | number)[]
  readonly last: Row
}

/**
 * Types whose values both drivers and JSON read as strings. CHAR is excluded, because its trailing blanks are lost as
 * text.
 */
const textTypes = new Set(
  [DataTypes.BIGINT, DataTypes.UUID, DataTypes.STRING, DataTypes.TEXT].map(({ key }) => key),
)

/** The id of a record that can't be identified. The reader logs and skips it, so that the others need not wait. */
const noId = ''

/** Reads a page of record ids. */
export function readIds(model: AnyModel, query: IdQuery): Promise<IdPage> {
  return canReadAsOne(model) ? readAsOne(model, query) : readRows(model, query)
}

async function readRows(
  model: AnyModel,
  { where, after, limit, useMaster, paranoid }: IdQuery,
): Promise<IdPage> {
  const keys = model.primaryKeyAttributes
  const found = await model.unscoped().findAll({
    attributes: [...keys, ...exactAttributes(model)],
    where: after === undefined ? where : { [Op.and]: [where, afterRow(model, after, (each) => each)] },
    order: [...keys],
    limit,
    raw: true,
    paranoid,
    ...outsideTransactions,
    useMaster,
  })
  const rows = rawRows(found)
  return { ids: rows.map((row) => findRecordId(model, row) ?? noId), last: rows.at(-1) ?? {} }
}

/** Whether a record's id is exactly its key, so that a page can begin after it. */
export function canContinueAfter(model: AnyModel): boolean {
  return isSingleKey(
    model,
    (key) => isWholeNumber(model, key) || typeKeyOf(model, key) === DataTypes.UUID.key,
  )
}

function isSingleKey(model: AnyModel, isUsable: (key: string) => boolean): boolean {
  const [key = '', ...others] = model.primaryKeyAttributes
  return others.length === 0 && isUsable(key)
}

/** Whether a model has a single key whose values are the same in JSON and from the driver. */
function canReadAsOne(model: AnyModel): boolean {
  return (
    sequelizeOf(model).getDialect() === 'postgres' &&
    isSingleKey(model, (key) => isText(model, key) || isWholeNumber(model, key))
  )
}

function isText(model: AnyModel, attribute: string): boolean {
  return textTypes.has(typeKeyOf(model, attribute))
}

/**
 * Reads all ids as one value. With a row per id, the driver and Sequelize would take longer than all other work on the
 * ids.
 */
async function readAsOne(
  model: AnyModel,
  { where, after, limit, useMaster, paranoid }: IdQuery,
): Promise<IdPage> {
  const sequelize = sequelizeOf(model)
  const generator = generatorOf(model)
  const [key = ''] = model.primaryKeyAttributes
  const column = generator.quoteIdentifier(columnOf(model, key))
  const isThere = paranoid ? notDeleted(model) : undefined
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
