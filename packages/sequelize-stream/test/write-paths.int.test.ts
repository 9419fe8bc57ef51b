import type { Transaction } from 'sequelize'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createHarness, told } from './support/harness.ts'
import type { Harness } from './support/harness.ts'
import { writePaths } from './support/write-paths.ts'
import type { WritePath } from './support/write-paths.ts'

let harness: Harness
beforeAll(async () => {
  harness = await createHarness(import.meta.url)
})
afterAll(() => harness.close())
beforeEach(() => harness.reset())

type Write = (options: { transaction?: Transaction }) => Promise<unknown>

const committing: Readonly<Record<string, (write: Write) => Promise<unknown>>> = {
  'without a transaction': (write) => write({}),
  'in a managed transaction': (write) =>
    harness.sequelize.transaction((transaction) => write({ transaction })),
  'in an unmanaged transaction': async (write) => {
    const transaction = await harness.sequelize.transaction()
    await write({ transaction })
    await transaction.commit()
  },
  'in a savepoint': (write) =>
    harness.sequelize.transaction((outer) =>
      harness.sequelize.transaction({ transaction: outer }, (transaction) => write({ transaction })),
    ),
}

const undoing: Readonly<Record<string, (write: Write) => Promise<unknown>>> = {
  'the transaction': async (write) => {
    const transaction = await harness.sequelize.transaction()
    await write({ transaction })
    await transaction.rollback()
  },
  'the savepoint': (write) =>
    harness.sequelize.transaction(async (outer) => {
      const transaction = await harness.sequelize.transaction({ transaction: outer })
      await write({ transaction })
      await transaction.rollback()
    }),
  'the outer transaction': async (write) => {
    const outer = await harness.sequelize.transaction()
    await harness.sequelize.transaction({ transaction: outer }, (transaction) => write({ transaction }))
    await outer.rollback()
  },
}

/** Reads the database from another connection whenever messages are about to be sent. */
async function observed(path: WritePath, run: () => Promise<unknown>): Promise<string[]> {
  const before = await harness.committed()
  const seen: string[] = []
  if (path.isExclusive !== true)
    harness.recorder.before = async ([first]) => {
      const kind = first?.topic === harness.delayTopic ? 'delay' : 'instant'
      const isCommitted = (await harness.committed()) !== before
      seen.push(`${kind} ${isCommitted ? 'after' : 'before'} commit`)
    }
  await run()
  await harness.streamer.flush()
  return seen
}

describe.each(writePaths)('$name', (path) => {
  it.each(Object.entries(committing))('is reported %s', async (when, run) => {
    const seen = await observed(path, () => run((options) => path.write(harness.models, options)))
    const { delays, instants, references } = told(harness, harness.recorder.take())
    // Without a transaction, a path with several writes reports each of them.
    expect([...new Set(instants)]).toEqual(path.changes)
    expect([...new Set(delays)]).toEqual(path.changes)
    expect(references).toEqual(path.references ?? {})
    // Without a transaction, a second write comes after the first commit.
    const isQuiet = path.changes.length === 0 || path.isExclusive === true
    const order = isQuiet ? [] : ['delay before commit', 'instant after commit']
    const isOneCommit = when !== 'without a transaction'
    expect(isOneCommit ? seen : seen.slice(0, 1)).toEqual(isOneCommit ? order : order.slice(0, 1))
    expect(seen).not.toContain('instant before commit')
  })

  it.each(Object.entries(undoing))('is not reported when %s is rolled back', async (_, run) => {
    const before = await harness.committed()
    await run((options) => path.write(harness.models, options))
    await harness.streamer.flush()
    expect(await harness.committed()).toBe(before)
    expect(told(harness, harness.recorder.take())).toEqual({ delays: [], instants: [], references: {} })
  })
})
