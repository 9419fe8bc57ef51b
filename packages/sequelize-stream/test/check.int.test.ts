import { silentLogger } from '@kt/core'
import { Producer } from '@kt/producer'
import { Kafka, logLevel } from 'kafkajs'
import { DataTypes, Sequelize } from 'sequelize'
import { createTestScope } from 'testkit'
import type { TestScope } from 'testkit'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { updateStream, UpdateStreamer } from '../src/index.ts'

let scope: TestScope
let sequelize: Sequelize
let producer: Producer
beforeAll(async () => {
  scope = await createTestScope(import.meta.url)
  sequelize = new Sequelize(scope.databaseUrl, { logging: false })
  producer = new Producer({ kafka: scope.kafka(), logger: silentLogger, allowAutoTopicCreation: false })
})
afterAll(async () => {
  await producer.close()
  await sequelize.close()
  await scope.close()
})

it('a missing topic was only noticed by the first write', async () => {
  const delayTopic = scope.topic('delay')
  const updateStreamer = new UpdateStreamer({ producer, delayTopic, logger: silentLogger })
  onTestFinished(() => updateStreamer.close())
  const City = sequelize.define('City', { name: DataTypes.STRING })
  const uninstall = updateStream(City, { updateStreamer, topic: scope.topic('cities') })
  const missing = (name: string): object => ({
    code: 'KT_PRODUCE_FAILED',
    message: expect.stringContaining(`"${scope.topic(name)}"`) as unknown,
  })
  await expect(updateStreamer.check()).rejects.toMatchObject(missing('delay'))
  await scope.createTopic('delay')
  await expect(updateStreamer.check()).rejects.toMatchObject(missing('cities'))
  await scope.createTopic('cities')
  await updateStreamer.check()
  uninstall()
  const other = updateStream(City, { updateStreamer, topic: scope.topic('towns') })
  await expect(updateStreamer.check()).rejects.toMatchObject(missing('towns'))
  other()
  await updateStreamer.check()
})

it('does not have to wait when Kafka is down', async () => {
  const away = new Producer({
    kafka: new Kafka({ brokers: ['127.0.0.1:1'], logLevel: logLevel.NOTHING }),
    timeoutMs: 200,
    logger: silentLogger,
  })
  const updateStreamer = new UpdateStreamer({ producer: away, logger: silentLogger })
  onTestFinished(async () => {
    await updateStreamer.close()
    await away.close()
  })
  updateStream(sequelize.define('Town', {}), { updateStreamer })
  const ending = new AbortController()
  const checked = updateStreamer.check({ signal: ending.signal })
  ending.abort()
  await expect(checked).rejects.toMatchObject({ code: 'KT_ABORTED' })
  await updateStreamer.close()
  await expect(updateStreamer.check()).rejects.toMatchObject({ code: 'KT_CLOSED' })
})
