import { Sequelize } from 'sequelize'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { clsNamespace } from './support/cls-namespace.ts'
import { createHarness, told } from './support/harness.ts'
import type { Harness } from './support/harness.ts'
import { writePaths } from './support/write-paths.ts'

let harness: Harness
beforeAll(async () => {
  Sequelize.useCLS(clsNamespace)
  harness = await createHarness(import.meta.url)
})
afterAll(() => harness.close())
beforeEach(() => harness.reset())

describe.each(writePaths)('$name', (path) => {
  it('is reported once the CLS transaction commits', async () => {
    await harness.sequelize.transaction(async () => {
      await path.write(harness.models, {})
      expect(harness.recorder.sent).toEqual([])
    })
    await harness.streamer.flush()
    const { delays, instants } = told(harness, harness.recorder.take())
    expect(delays).toEqual(path.changes)
    expect(instants).toEqual(path.changes)
  })

  it('is not reported when the CLS transaction is rolled back', async () => {
    const before = await harness.committed()
    const undone = harness.sequelize.transaction(async () => {
      await path.write(harness.models, {})
      throw new Error('undo')
    })
    await expect(undone).rejects.toThrow('undo')
    await harness.streamer.flush()
    expect(await harness.committed()).toBe(before)
    expect(harness.recorder.take()).toEqual([])
  })
})

it('runs in its own transaction when the caller passes null', async () => {
  const undone = harness.sequelize.transaction(async () => {
    await harness.models.City.update({ population: 1 }, { where: { id: 1 }, transaction: null })
    throw new Error('undo')
  })
  await expect(undone).rejects.toThrow('undo')
  await harness.streamer.flush()
  expect(told(harness, harness.recorder.take()).instants).toEqual(['cities:1'])
})
