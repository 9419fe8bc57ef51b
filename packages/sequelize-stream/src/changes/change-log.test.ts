import { describe, expect, it } from 'vitest'
import { ChangeLog } from './change-log.ts'
import type { Change } from './change.ts'

const cities = { topic: 'cities', delayTopic: 'delay_5m', table: 'cities' }

function change(id: number, rest: Partial<Change> = {}): Change {
  return { key: String(id), payload: { id }, references: {}, ...rest }
}

function payloads(log: ChangeLog<string>): unknown[] {
  return [...log.chunks()].flat().map((each): unknown => JSON.parse(each.value))
}

describe('ChangeLog', () => {
  it('keeps a record once, with its last payload and all its references', () => {
    const log = new ChangeLog<string>()
    log.add('root', cities, change(1, { payload: { id: 1, v: 1 }, references: { countryId: ['DE'] } }))
    log.add('root', cities, change(1, { payload: { id: 1, v: 2 }, references: { countryId: ['FR', 'DE'] } }))
    expect(payloads(log)).toEqual([{ id: 1, v: 2, references: { countryId: ['DE', 'FR'] } }])
  })

  it('recognises a log that produces the same messages', () => {
    const make = (...changes: Change[]): ChangeLog<string> => {
      const log = new ChangeLog<string>()
      for (const each of changes) log.add('root', cities, each)
      return log
    }
    const one = make(change(1), change(2, { references: { countryId: ['DE'] } }))
    expect(one.isSameAs(make(change(1), change(2, { references: { countryId: ['DE'] } })))).toBe(true)
    expect(make().isSameAs(make())).toBe(true)
    for (const other of [
      make(),
      make(change(1)),
      make(change(1), change(2)),
      make(change(1), change(2, { references: { countryId: ['FR'] } })),
      make(change(1), change(2, { references: { countryId: ['DE'] } }), change(3)),
    ])
      expect([one.isSameAs(other), other.isSameAs(one)]).toEqual([false, false])
    const elsewhere = new ChangeLog<string>()
    elsewhere.add('root', { ...cities, topic: 'towns' }, change(1))
    expect(make(change(1)).isSameAs(elsewhere)).toBe(false)
  })

  it('keeps the same id of two topics apart', () => {
    const log = new ChangeLog<string>()
    log.add('root', cities, change(1))
    log.add('root', { ...cities, topic: 'countries' }, change(1))
    expect([...log.chunks()].flat().map((each) => each.topic)).toEqual(['cities', 'countries'])
  })

  it("drops a savepoint's changes without losing earlier ones", () => {
    const log = new ChangeLog<string>()
    log.add('root', cities, change(1, { payload: { id: 1, v: 1 } }))
    log.add('savepoint', cities, change(1, { payload: { id: 1, v: 2 }, references: { countryId: ['DE'] } }))
    log.add('savepoint', cities, change(2))
    expect(payloads(log)).toEqual([{ id: 1, v: 2, references: { countryId: ['DE'] } }, { id: 2 }])
    log.drop((owner) => owner === 'savepoint')
    expect(payloads(log)).toEqual([{ id: 1, v: 1 }])
    log.drop(() => true)
    expect(log.isEmpty).toBe(true)
  })

  it('keeps the last payload across owners', () => {
    const log = new ChangeLog<string>()
    log.add('root', cities, change(1, { payload: { id: 1, v: 1 } }))
    log.add('savepoint', cities, change(1, { payload: { id: 1, v: 2 } }))
    log.add('root', cities, change(1, { payload: { id: 1, v: 3 } }))
    expect(payloads(log)).toEqual([{ id: 1, v: 3 }])
  })

  it('merges its references with those of the user', () => {
    const log = new ChangeLog<string>()
    const payload = { id: 1, references: { ownerId: [7] } }
    log.add('root', cities, change(1, { payload, references: { countryId: ['DE'] } }))
    expect(payloads(log)).toEqual([{ id: 1, references: { ownerId: [7], countryId: ['DE'] } }])
  })

  it('packs large numbers of records and yields all of them, always in the same order', () => {
    const log = new ChangeLog<string>()
    for (let id = 0; id < 25_000; id++) log.add('root', cities, change(id))
    const chunks = [...log.chunks()]
    expect(chunks.map((chunk) => chunk.length)).toEqual([10_000, 10_000, 5_000])
    expect(log.size).toBe(25_000)
    expect(new Set(chunks.flat().map((each) => each.key)).size).toBe(25_000)
    expect([...log.chunks()]).toEqual(chunks)
  })
})
