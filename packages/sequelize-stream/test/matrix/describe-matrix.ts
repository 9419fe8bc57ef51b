import { payloadKey, payloadReferences } from '@kt/core'
import type { Transaction } from 'sequelize'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { difference } from './difference.ts'
import type { Difference } from './difference.ts'
import type { Dialect } from './dialect.ts'
import { documentsOf, follow } from './documents.ts'
import { changesIn } from './journal.ts'
import type { JournalEvent, ToldChange } from './journal.ts'
import { modes } from './modes.ts'
import type { Mode } from './modes.ts'
import { orderProblems, uncommitted } from './order.ts'
import { allPaths } from './paths/index.ts'
import type { ExplicitPath } from './paths/path.ts'
import type { Dump } from './tables.ts'
import { createWorld } from './world.ts'
import type { World } from './world.ts'

/** Every way to write, in every kind of transaction. Each combination is one test. */
export function describeMatrix(dialect: Dialect): void {
  let world: World
  beforeAll(async () => {
    world = await createWorld(dialect)
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    await world.reset()
    world.journal.take()
  })

  describe.each(allPaths(dialect.name))('$name', (path) => {
    it.each(modesOf(path, dialect))('$name', async (mode) => {
      const attempted = await attempt(world, path, mode)
      expectTold(path, mode, dialect, attempted)
      const { before, after, events } = attempted
      const isUndoneEarly = path.eagerRows !== undefined && !events.some(({ kind }) => kind === 'commit')
      expect([...new Set(orderProblems(events))]).toEqual(isUndoneEarly ? [uncommitted] : [])
      for (const kind of ['delay', 'instant'] as const)
        expect(indexAfter(before, after, changesIn(events, kind))).toEqual(documentsOf(after))
    })
  })
}

/** Checks that each kind of messages reports exactly the changes that the database shows. */
function expectTold(path: ExplicitPath, mode: Mode, dialect: Dialect, attempted: Attempted): void {
  const { before, inside, after, events } = attempted
  const expected = (to: Dump): Difference => expectedOf(path, dialect, difference(before, to))
  const done = expected(after)
  const tried = mode.fate === 'failed' ? expected(inside) : done
  const delayed = toldIn(changesIn(events, 'delay'))
  const rows = expectedRows(path, dialect)
  expect(toldIn(changesIn(events, 'instant'))).toEqual(done)
  expect(rowsOfPath(done, path, dialect)).toBe(mode.fate === 'committed' ? rows : 0)
  expect(rowsOfPath(tried, path, dialect)).toBe(mode.fate === 'undone' ? 0 : rows)
  const isEager = mode.fate === 'undone' && path.eagerRows !== undefined
  expect(isEager ? rowsOfPath(delayed, path, dialect) : delayed).toEqual(isEager ? path.eagerRows : tried)
}

/** On MariaDB a TRUNCATE commits by itself, so earlier changes can't be rolled back and no savepoint is left. */
function modesOf(path: ExplicitPath, dialect: Dialect): readonly Mode[] {
  if (path.isTruncate !== true || dialect.name !== 'mariadb') return modes
  return modes.filter(({ name, fate }) => fate === 'committed' && name !== 'in a savepoint')
}

interface Attempted {
  readonly before: Dump
  /** Contents as seen in the transaction right before its COMMIT, if that fails. */
  readonly inside: Dump
  readonly after: Dump
  readonly events: readonly JournalEvent[]
}

async function attempt(world: World, path: ExplicitPath, mode: Mode): Promise<Attempted> {
  const { dialect, sequelize, models, streamer, journal } = world
  journal.isBlind = path.isTruncate === true && dialect.name === 'postgres'
  const before = await world.dump()
  let inside: Dump = new Map()
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  await mode.run({
    sequelize,
    write: (options) => path.write({ ...models, sequelize, streamer }, options),
    mark: (transaction: Transaction) =>
      models.Marker.update({ note: 'marked' }, { where: { id: 1 }, transaction }),
    inspect: async (transaction) => {
      inside = await world.dump(transaction)
    },
    breakCommit: (transaction) => dialect.breakCommit(transaction, world),
    afterFailure: async (transaction) => dialect.afterFailure?.(transaction),
  })
  warn.mockRestore()
  await streamer.flush()
  const events = journal.take()
  return { before, inside, after: await world.dump(), events }
}

/** Returns the changes in the messages. Checks that each is reported once per transaction, and nothing else. */
function toldIn(changes: readonly ToldChange[]): Difference {
  const told = changes.map(({ table, key, payload }) => {
    const { id, references, ...rest } = payload
    expect([String(id), payloadKey(payload), rest]).toEqual([key, key, {}])
    return [`${table}:${key}`, references === undefined ? {} : payloadReferences(payload)] as const
  })
  return Object.fromEntries(told.toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

/** Returns the expected changes: those in the database, and a path's additional ones unless nothing was changed. */
function expectedOf(
  { rewrites, references }: ExplicitPath,
  { name }: Dialect,
  shown: Difference,
): Difference {
  if (Object.keys(shown).every(isMarker)) return shown
  return { ...Object.fromEntries((rewrites?.[name] ?? []).map((row) => [row, {}])), ...shown, ...references }
}

function rowsOfPath(told: Difference, { rewrites }: ExplicitPath, { name }: Dialect): number {
  return Object.keys(told).filter((row) => !isMarker(row) && rewrites?.[name].includes(row) !== true).length
}

function isMarker(row: string): boolean {
  return row.startsWith('markers:')
}

function expectedRows({ rows }: ExplicitPath, { name }: Dialect): number {
  return typeof rows === 'number' ? rows : rows[name]
}

/** Applies these messages to an index that was correct before. */
function indexAfter(
  before: Dump,
  after: Dump,
  changes: readonly ToldChange[],
): ReturnType<typeof documentsOf> {
  const index = documentsOf(before)
  for (const { table, payload } of changes) follow(index, table, payload, after)
  return index
}
