import { decodeNamed, isRecordList } from '@kt/core'
import type { MessageProducer, RecordStream } from '@kt/core'
import { expect, test } from 'vitest'
import { keysAndChains, useFixture } from './support/fixture.ts'

const fixture = useFixture(import.meta.url)

/** Streams records `{ id }` to one topic. */
function streamTo(topic: string): () => RecordStream {
  return () => ({ topic, payload: (record) => record as { id: number } })
}

test('a changed record reaches its dependents, once each, and goes no further', async () => {
  const { scope, producer, cascader, consume } = fixture()
  const [countries, cities] = await Promise.all([scope.createTopic('countries'), scope.createTopic('cities')])
  await producer.batch((batch) => {
    for (const id of [1, 2, 1]) batch.produce(JSON.stringify({ id }), { topic: countries, key: String(id) })
    batch.produce('not a payload', { topic: countries })
  })
  const own = cascader({ name: 'own', stream: streamTo(cities), batchSize: 100 })
  async function* citiesOf(ids: readonly string[]): AsyncGenerator<{ id: number } | null> {
    for (const id of ids) {
      for (let index = 0; index < 250; index += 1) yield { id: Number(id) * 1_000 + index }
      yield { id: Number(id) * 1_000 }
      yield null
    }
  }
  const work = await consume(countries, 'cascade', (messages) => own.import(citiesOf(own.ids(messages))))
  await work.whenCaughtUp()
  const found = await keysAndChains(scope, cities)
  expect(found.length).toBe(500)
  expect(new Set(found.map(([key]) => key)).size).toBe(500)
  expect(new Set(found.map(([, chain]) => chain))).toEqual(new Set(['own,*']))
  // Even a Cascader with another name ignores these.
  expect(cascader({ name: 'other' }).ids(await scope.readTopic(cities))).toEqual([])
})

test('cascades through cyclic associations terminate', async () => {
  const { scope, producer, cascader, consume } = fixture()
  const [people, teams] = await Promise.all([scope.createTopic('people'), scope.createTopic('teams')])
  const teamsOfPeople = cascader({ name: 'teams-of-people', stream: streamTo(teams) })
  const peopleOfTeams = cascader({ name: 'people-of-teams', stream: streamTo(people) })
  const find = (ids: readonly string[]): { id: number }[] => ids.map((id) => ({ id: Number(id) + 1 }))
  const first = await consume(people, 'people', (messages) => teamsOfPeople.cascade(messages, find))
  const second = await consume(teams, 'teams', (messages) => peopleOfTeams.cascade(messages, find))
  await producer.produce('{"id":1}', { topic: people, key: '1' })
  // One more round than the chain's maximum length.
  for (let round = 0; round < 3; round += 1) {
    await first.whenCaughtUp()
    await second.whenCaughtUp()
  }
  expect(await keysAndChains(scope, people)).toEqual([
    ['1', undefined],
    ['3', 'teams-of-people,people-of-teams'],
  ])
  expect(await keysAndChains(scope, teams)).toEqual([['2', 'teams-of-people']])
})

test('cascades over several levels reach the last one', async () => {
  const { scope, producer, cascader, consume } = fixture()
  const [continents, countries, cities] = await Promise.all(
    ['l-continents', 'l-countries', 'l-cities'].map((name) => scope.createTopic(name)),
  )
  if (!continents || !countries || !cities) throw new Error('unreachable')
  const children = (ids: readonly string[]): { id: number }[] =>
    ids.flatMap((id) => [1, 2].map((child) => ({ id: Number(id) * 10 + child })))
  const upper = cascader({ name: 'upper', stream: streamTo(countries) })
  const lower = cascader({ name: 'lower', stream: streamTo(cities) })
  const first = await consume(continents, 'continents', (messages) => upper.cascade(messages, children))
  const second = await consume(countries, 'countries', (messages) =>
    lower.import(children(lower.ids(messages))),
  )
  await producer.produce('{"id":1}', { topic: continents, key: '1' })
  await first.whenCaughtUp()
  await second.whenCaughtUp()
  const found = await keysAndChains(scope, cities)
  expect(found.map(([key]) => key)).toEqual(['111', '112', '121', '122'])
})

test('a message with many records cascades like one message for each', async () => {
  const { scope, producer, cascader, consume } = fixture()
  const [continents, countries, cities] = await Promise.all(
    ['m-continents', 'm-countries', 'm-cities'].map((name) => scope.createTopic(name)),
  )
  if (!continents || !countries || !cities) throw new Error('unreachable')
  const many = { recordsPerMessage: 100, batchSize: 150 }
  const upper = cascader({ name: 'upper', stream: streamTo(countries), ...many })
  const lower = cascader({ name: 'lower', stream: streamTo(cities), ...many })
  const children = (): { id: number }[] => Array.from({ length: 250 }, (_, id) => ({ id }))
  const first = await consume(continents, 'm-continents', (messages) => upper.cascade(messages, children))
  const second = await consume(countries, 'm-countries', (messages) =>
    lower.import(lower.ids(messages).map((id) => ({ id: 1_000 + Number(id) }))),
  )
  await producer.produce('{"id":1}', { topic: continents, key: '1' })
  await first.whenCaughtUp()
  await second.whenCaughtUp()
  const sizes = async (topic: string): Promise<number[]> => {
    const lists = (await scope.readTopic(topic)).map(({ value }) => decodeNamed(value))
    return lists.map((named) => (isRecordList(named) ? named.ids.length : 0))
  }
  expect(await sizes(countries)).toEqual([100, 100, 50])
  const named = (await scope.readTopic(cities)).map(({ value }) => decodeNamed(value))
  const ids = named.flatMap((each) => (isRecordList(each) ? each.ids : []))
  expect(ids.toSorted((a, b) => Number(a) - Number(b))).toEqual(children().map(({ id }) => 1_000 + id))
})

test('repeats unacknowledged work instead of committing it', async () => {
  const { scope, producer, cascader, consume } = fixture()
  const [countries, cities] = await Promise.all([
    scope.createTopic('f-countries'),
    scope.createTopic('f-cities'),
  ])
  let calls = 0
  const failing: MessageProducer = {
    produce: (value, options) => producer.produce(value, options),
    batch: async (fill) => {
      calls += 1
      if (calls === 3) throw new Error('Kafka went away')
      return producer.batch(fill)
    },
  }
  const own = cascader({ name: 'own', producer: failing, stream: streamTo(cities), batchSize: 10 })
  const citiesOf = (ids: readonly string[]): { id: number }[] =>
    ids.flatMap((id) => Array.from({ length: 50 }, (_, index) => ({ id: Number(id) * 100 + index })))
  const work = await consume(countries, 'failing', (messages) => own.import(citiesOf(own.ids(messages))))
  await producer.produce('{"id":1}', { topic: countries, key: '1' })
  await work.whenCaughtUp()
  const keys = (await scope.readTopic(cities)).map(({ key }) => key)
  expect(new Set(keys).size).toBe(50)
  expect(keys.length).toBe(70)
})

test('a running Cascader consumes its topic, and stops when it is closed', async () => {
  const { scope, producer, cascader, consumer } = fixture()
  const [countries, cities] = await Promise.all([scope.createTopic('run-from'), scope.createTopic('run-to')])
  const own = cascader({ name: `${scope.prefix}.own`, stream: streamTo(cities) })
  expect(own.isReady()).toBe(false)
  await producer.produce('{"id":1}', { topic: countries, key: '1' })
  const find = (ids: readonly string[]): { id: number }[] => ids.map((id) => ({ id: Number(id) + 100 }))
  await own.run({ consumer, topic: countries, find })
  await own.whenCaughtUp()
  expect(own.isReady()).toBe(true)
  expect(await own.lag()).toBe(0n)
  expect(await keysAndChains(scope, cities)).toEqual([['101', `${scope.prefix}.own`]])
  await own.close()
  expect(own.isReady()).toBe(false)
  await expect(own.run({ consumer, topic: countries, find })).rejects.toMatchObject({ code: 'KT_CLOSED' })
})

test('a Cascader whose start failed may be started again', async () => {
  const { scope, cascader, consumer } = fixture()
  const topic = await scope.createTopic('run-again')
  const own = cascader({ name: `${scope.prefix}.again` })
  const find = (): object[] => []
  const signal = AbortSignal.abort()
  await expect(own.run({ consumer, topic, find, signal })).rejects.toMatchObject({ code: 'KT_ABORTED' })
  await own.run({ consumer, topic, find })
  await own.close()
})
