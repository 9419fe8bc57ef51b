import { silentLogger, ticketLeap } from '@kt/core'
import { expect, test } from 'vitest'
import { TicketGuard } from './ticket-guard.ts'
import type { Verdict } from './verdict.ts'

function guardAt(ticket: number) {
  const raised: number[] = []
  const versions = {
    next: () => Promise.resolve(ticket),
    raise: (version: number) => Promise.resolve(void raised.push(version)),
  }
  return { guard: new TicketGuard({ versions, index: 'cities', logger: silentLogger }), raised }
}

const newer = (version: number): Verdict => ({ kind: 'newer', version })

test('a version that later reads may have written is newer', async () => {
  const { guard, raised } = guardAt(12)
  expect(await guard.check([{ kind: 'done' }, newer(9)], 7)).toEqual([{ kind: 'done' }, newer(9)])
  expect(raised).toEqual([])
})

test('a version above any ticket raises the counter, and the write is tried again', async () => {
  const { guard, raised } = guardAt(12)
  expect(await guard.check([newer(7), newer(9_000)], 7)).toEqual([newer(7), { kind: 'retry' }])
  expect(raised).toEqual([9_000])
})

test('a write that was lost when another Indexer raised the counter between its read and its check', async () => {
  const { guard, raised } = guardAt(9_000 + ticketLeap + 1)
  expect(await guard.check([newer(7), newer(9_000)], 7)).toEqual([newer(7), { kind: 'retry' }])
  expect(raised).toEqual([])
})
