import { describe, expect, it } from 'vitest'
import type { OutgoingChange } from './change.ts'
import { inLists, topicsWorthLists } from './record-lists.ts'

function change(id: string | number, rest: object = {}): OutgoingChange {
  return { topic: 'cities', delayTopic: 'delay_5m', key: String(id), value: JSON.stringify({ id, ...rest }) }
}

/** Separates odd and even ids. */
const partitioners = new Map([['cities', (key: string) => Number(key) % 2]])

function keysAndValues(messages: readonly OutgoingChange[]): string[] {
  return messages.map(({ key, value }) => `${key} ${value}`)
}

describe('record lists', () => {
  it('contain the records of one partition, with the key of the first', () => {
    const messages = inLists(
      [1, 2, 3, 4, 5].map((id) => change(id)),
      partitioners,
      500,
    )
    expect(keysAndValues(messages)).toEqual(['1 {"ids":[1,3,5]}', '2 {"ids":[2,4]}'])
  })

  it('are limited to recordsPerList, and need more than one record', () => {
    const messages = inLists(
      [1, 3, 5, 7, 9].map((id) => change(id)),
      partitioners,
      2,
    )
    expect(keysAndValues(messages)).toEqual(['1 {"ids":[1,3]}', '5 {"ids":[5,7]}', '9 {"id":9}'])
  })

  it('exclude records with more than an id, and other topics', () => {
    const others = [change(1, { references: { country: [2] } }), { ...change(3), topic: 'countries' }]
    expect(inLists(others, partitioners, 500)).toEqual(others)
  })

  it('preserve ids of any text', () => {
    const ids = ['a"b', String.raw`c\d`, '1,2', 'é{}']
    const anywhere = new Map([['cities', () => 0]])
    const [list] = inLists(
      ids.map((id) => change(id)),
      anywhere,
      500,
    )
    expect(JSON.parse(list?.value ?? '')).toEqual({ ids })
  })

  it('are used for topics with many changed records', () => {
    const many = Array.from({ length: 100 }, (_, id) => change(id))
    expect(topicsWorthLists(many)).toEqual(['cities'])
    expect(topicsWorthLists(many.slice(1))).toEqual([])
    expect(topicsWorthLists([...many.slice(1), { ...change(0), topic: 'countries' }])).toEqual([])
  })
})
