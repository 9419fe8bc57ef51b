import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import type { ModelStatic, Model } from 'sequelize'
import { DataTypes } from 'sequelize'
import { updateStream } from '../../src/index.ts'
import { createWorld } from '../matrix/world.ts'
import type { World } from '../matrix/world.ts'
import { sqlite } from './sqlite.ts'

const dialect = sqlite()
let world: World
let LateCheck: ModelStatic<Model>
beforeAll(async () => {
  world = await createWorld(dialect)
  const markerId = { type: DataTypes.INTEGER, primaryKey: true, field: 'marker_id' }
  LateCheck = world.sequelize.define(
    'LateCheck',
    { markerId },
    { tableName: 'late_checks', timestamps: false },
  )
  updateStream(LateCheck, { updateStreamer: world.streamer })
})
afterAll(async () => {
  await world.close()
  await dialect.close()
})
beforeEach(() => world.reset())

it('lets writes that begin with a read wait for each other', async () => {
  const { City, Reading } = world.models
  const writes = Array.from({ length: 8 }, async (_, index) => {
    await City.update({ population: index }, { where: { countryCode: 'DE' } })
    await Reading.increment({ value: 1 }, { where: { site: 'A,1' } })
  })
  await Promise.all(writes)
  const readings = await Reading.findAll({ where: { site: 'A,1' }, order: ['day'] })
  expect(readings.map((each) => each.get('value'))).toEqual([18, 28])
})

it('does not lock the database after our transaction could not commit', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  await expect(LateCheck.create({ markerId: 99 })).rejects.toThrow(/FOREIGN KEY constraint failed/)
  warn.mockRestore()
  await expect(world.models.City.update({ population: 1 }, { where: { id: 1 } })).resolves.toEqual([1])
})
