import { DataTypes } from 'sequelize'
import { sequelizeOf, typeKeyOf } from '../model/model-class.ts'
import type { AnyModel } from '../model/types.ts'

const uuid = /^\{?[0-9a-f]{4}(?:-?[0-9a-f]{4}){7}\}?$/i
/** Matches integers as a database writes them. It would read `007` too, and return a record with another id. */
const integer = /^(?:0|-?[1-9]\d*)$/
const infinity = /^-?Infinity$/
const decimal = /^-?\d+(?:\.\d+)?$/

/** Integers with this many digits are exact as a number, which is parsed in a fraction of a bigint's time. */
const exactDigits = 15

type Range = readonly [min: bigint, max: bigint]

function signed(bits: bigint): Range {
  return [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n]
}

/** Ranges by the `key` of the data type. An UNSIGNED column's maximum is twice as large: see `isInRange`. */
const ranges: Readonly<Record<string, Range>> = {
  TINYINT: signed(8n),
  SMALLINT: signed(16n),
  MEDIUMINT: signed(24n),
  INTEGER: signed(32n),
  BIGINT: signed(64n),
}

/** Whether the column of `attribute` contains whole numbers, so that only digits can be compared with it. */
export function isWholeNumber(model: AnyModel, attribute: string): boolean {
  return ranges[typeKeyOf(model, attribute)] !== undefined
}

/**
 * Whether the database can compare the column of `attribute` with this text. A text that it can't cast would fail the
 * whole SELECT, and with it all other records of the batch.
 */
export function isCastable(model: AnyModel, attribute: string, text: string): boolean {
  // PostgreSQL can't store this character.
  if (text.includes('\0')) return false
  const type = typeOf(model, attribute)
  const key = type?.key ?? ''
  const range = ranges[key]
  if (range !== undefined) return isInRange(text, range, type?._unsigned === true)
  if (key === DataTypes.UUID.key) return uuid.test(text)
  if (key === DataTypes.DECIMAL.key || key === DataTypes.DOUBLE.key || key === DataTypes.FLOAT.key)
    return decimal.test(text)
  if (key === DataTypes.ENUM.key) return type?.values?.includes(text) ?? true
  if (key !== DataTypes.DATE.key && key !== DataTypes.DATEONLY.key) return true
  if (infinity.test(text)) return sequelizeOf(model).getDialect() === 'postgres'
  return isoDate(text)?.slice(0, key === DataTypes.DATEONLY.key ? 10 : undefined) === text
}

interface Type {
  readonly key?: string
  readonly _unsigned?: boolean
  readonly values?: readonly string[]
}

function typeOf(model: AnyModel, attribute: string): Type | undefined {
  return model.rawAttributes[attribute]?.type as Type | undefined
}

function isInRange(text: string, [min, max]: Range, isUnsigned: boolean): boolean {
  if (!integer.test(text) || text.length > 20) return false
  // A bigint and a number compare by value.
  const value = text.length <= exactDigits ? Number(text) : BigInt(text)
  return isUnsigned ? value >= 0n && value <= 2n * max + 1n : value >= min && value <= max
}

/** The text in the form that ids use for dates; undefined when it is not a date. */
function isoDate(text: string): string | undefined {
  const date = new Date(text)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}
