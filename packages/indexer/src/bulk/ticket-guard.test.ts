import { silentLogger } from '@kt/core'
import { ticketLeap } from '@kt/core/internal'
import { expect, test } from 'vitest'
import { TicketGuard } from './ticket-guard.ts'
import type { Classification } from './classify.ts'

function guardAt(ticket: number) {
  const raised: number[] = []
  const versions = {
    next: () => Promise.resolve(ticket),
    raise: (version: number) => Promise.resolve(void raised.push(version)),
  }
  const errors: string[] = []
  const logger = { ...silentLogger, error: (text: string) => void errors.push(text) }
  return {
    guard: new TicketGuard({ versions, index: 'cities', loadTimeoutMs: 1_000, logger }),
    raised,
    errors,
  }
}

const newer = (version: number): Classification => ({ kind: 'newer', version })

test('a version that a later read may have written is newer', async () => {
  const { guard, raised } = guardAt(12)
  expect(await guard.check([{ kind: 'done' }, newer(9)], 7)).toEqual([{ kind: 'done' }, newer(9)])
  expect(raised).toEqual([])
})

test('a version above any ticket raises the counter, and the write is retried', async () => {
  const { guard, raised } = guardAt(12)
  expect(await guard.check([newer(7), newer(9_000)], 7)).toEqual([newer(7), { kind: 'retry' }])
  expect(raised).toEqual([9_000])
})

test('retries a write if another Indexer raised the counter between its read and its check', async () => {
  const { guard, raised } = guardAt(9_000 + ticketLeap + 1)
  expect(await guard.check([newer(7), newer(9_000)], 7)).toEqual([newer(7), { kind: 'retry' }])
  expect(raised).toEqual([])
})

test('does not raise the counter beyond exact numbers for a version near 2^63', async () => {
  const { guard, raised, errors } = guardAt(12)
  const foreign = newer(9_223_372_036_854_775_000)
  expect(await guard.check([foreign, newer(9)], 7)).toEqual([foreign, newer(9)])
  expect(raised).toEqual([])
  expect(errors).toEqual([expect.stringContaining('above any possible read ticket')])
  expect(await guard.check([foreign, newer(9_000)], 7)).toEqual([foreign, { kind: 'retry' }])
  expect(raised).toEqual([9_000])
})

test('fails when the database never returns the ticket', async () => {
  const versions = { next: () => new Promise<never>(() => undefined) }
  const guard = new TicketGuard({ versions, index: 'cities', loadTimeoutMs: 10, logger: silentLogger })
  await expect(guard.check([newer(9)])).rejects.toMatchObject({ code: 'KT_LOAD_FAILED', retryable: true })
})
