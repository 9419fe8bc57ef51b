import { expect, test } from 'vitest'
import { canonical, differences } from './rows.ts'

const rows = new Map([['cities', new Map([['1', canonical({ name: 'Ulm', population: 1 })]])]])

test('ignores the order of properties', () => {
  const documents = new Map([['cities', new Map([['1', canonical({ population: 1, name: 'Ulm' })]])]])
  expect(differences(rows, documents, 'document')).toEqual([])
})

test('finds a stale document, a missing one and one without a row', () => {
  const documents = (...entries: [string, string][]) => new Map([['cities', new Map(entries)]])
  expect(differences(rows, documents(['1', '{}']), 'document')).toHaveLength(1)
  expect(differences(rows, documents(), 'document')).toHaveLength(1)
  expect(differences(rows, new Map(), 'document')).toHaveLength(1)
  expect(differences(new Map([['cities', new Map()]]), documents(['2', '{}']), 'document')).toHaveLength(1)
})
