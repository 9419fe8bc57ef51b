import { Op } from 'sequelize'
import { describe, expect, it } from 'vitest'
import { namedRow } from './named-row.ts'
import type { AnyModel } from '../model/types.ts'

function keyed(key: string, ...primaryKeyAttributes: string[]): AnyModel {
  const rawAttributes = Object.fromEntries(
    primaryKeyAttributes.map((each) => [each, { field: `${each}_column`, type: { key } }]),
  )
  return { primaryKeyAttributes, rawAttributes } as unknown as AnyModel
}

describe('namedRow', () => {
  const model = keyed('INTEGER', 'id')

  it('finds the key in any term that must hold', () => {
    expect(namedRow(model, { id_column: 7 })).toEqual({ id: 7 })
    expect(namedRow(model, { id_column: 7, name: 'x', [Op.or]: [] })).toEqual({ id: 7 })
    expect(namedRow(model, { [Op.and]: [{ deleted: null }, { id_column: 7 }] })).toEqual({ id: 7 })
    expect(namedRow(model, [{ [Op.and]: { id_column: 7 } }])).toEqual({ id: 7 })
  })

  it('returns undefined for all other conditions', () => {
    const wheres = [
      undefined,
      {},
      { id_column: [7] },
      { id_column: '7' },
      { id_column: { [Op.gt]: 7 } },
      { [Op.or]: [{ id_column: 7 }] },
      { [Op.not]: { id_column: 7 } },
    ]
    for (const where of wheres) expect(namedRow(model, where)).toBeUndefined()
    expect(namedRow(keyed('UUID', 'id'), { id_column: 7 })).toBeUndefined()
    expect(namedRow(keyed('INTEGER', 'a', 'b'), { a_column: 7 })).toBeUndefined()
  })
})
