import { expect, test } from 'vitest'
import { differences } from './differences.ts'

const none = new Map<string, object>()
const berlin = { id: 1, name: 'Berlin' }

test('equal contents have no differences, in any order', () => {
  const rows = new Map([['1', berlin]])
  const documents = new Map([['1', { name: 'Berlin', id: 1 }]])
  expect(differences({ cities: rows, countries: none }, { cities: documents, countries: none })).toEqual([])
})

test('reports a stale document, a missing one and one without a row', () => {
  const bonn = { id: 2, name: 'Bonn' }
  const rows = new Map([
    ['1', berlin],
    ['2', bonn],
  ])
  const documents = new Map([
    ['1', { id: 1, name: 'Cölln' }],
    ['3', { id: 3, name: 'Trier' }],
  ])
  expect(differences({ cities: none, countries: rows }, { cities: none, countries: documents })).toEqual([
    { of: 'countries', id: '1', expected: berlin, found: { id: 1, name: 'Cölln' } },
    { of: 'countries', id: '2', expected: bonn },
    { of: 'countries', id: '3', found: { id: 3, name: 'Trier' } },
  ])
})
