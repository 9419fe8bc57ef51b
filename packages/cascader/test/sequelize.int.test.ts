import { UpdateStreamer, updateStream } from '@kt/sequelize-stream'
import type { MessageHandler } from '@kt/core'
import { DataTypes, Op, Sequelize } from 'sequelize'
import type { Model } from 'sequelize'
import { afterAll, expect, test } from 'vitest'
import { useFixture } from './support/fixture.ts'

const fixture = useFixture(import.meta.url)
let sequelize: Sequelize | undefined
afterAll(() => sequelize?.close())

interface CityAttributes {
  id: number
  countryId: number
}

test('a moved record reaches its old and its new parent, and a deleted one its parent', async () => {
  const { scope, producer, cascader, consume } = fixture()
  const [countries, cities, delay] = await Promise.all(
    ['countries', 'cities', 'delay'].map((name) => scope.createTopic(name)),
  )
  if (!countries || !cities || !delay) throw new Error('unreachable')
  sequelize = new Sequelize(scope.databaseUrl, { logging: false })
  const Country = sequelize.define('Country', { id: { type: DataTypes.INTEGER, primaryKey: true } })
  const City = sequelize.define<Model<CityAttributes, CityAttributes> & CityAttributes>('City', {
    id: { type: DataTypes.INTEGER, primaryKey: true },
    countryId: DataTypes.INTEGER,
  })
  City.belongsTo(Country, { foreignKey: 'countryId' })
  await sequelize.sync()
  for (const id of [1, 2, 3]) await Country.create({ id })
  const moved = await City.create({ id: 1, countryId: 1 })
  const doomed = await City.create({ id: 2, countryId: 3 })

  const updateStreamer = new UpdateStreamer({ producer, delayTopic: delay })
  updateStream(Country, { updateStreamer, topic: countries })
  updateStream(City, { updateStreamer, topic: cities })
  const own = cascader({ name: 'countries-of-cities' })
  const look: MessageHandler = async (messages) => {
    const found = await City.findAll({ where: { id: { [Op.in]: own.ids(messages) } } })
    const parents = [...found.map(({ countryId }) => countryId), ...own.references(messages, 'countryId')]
    await own.import(await Country.findAll({ where: { id: { [Op.in]: parents } } }))
  }
  // A foreign message whose id no city can have.
  await producer.produce('{"id":"x"}', { topic: cities })
  const work = await consume(cities, 'cities', own.handler(look))
  await moved.update({ countryId: 2 })
  await doomed.destroy()
  // The instant messages are sent after the commit, and the write does not await them.
  await updateStreamer.flush()
  await work.whenCaughtUp()
  const reached = (await scope.readTopic(countries)).map(({ key }) => key)
  expect(new Set(reached)).toEqual(new Set(['1', '2', '3']))
  const letters = await scope.readTopic(`${cities}.dead-letter`)
  expect(letters.map(({ value }) => String(value))).toEqual(['{"id":"x"}'])
})
