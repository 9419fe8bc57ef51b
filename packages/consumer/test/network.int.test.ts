import { connect } from 'node:net'
import { Kafka, logLevel } from 'kafkajs'
import { TcpFaultProxy, waitFor } from 'testkit'
import { expect, it } from 'vitest'
import { texts, useFixture } from './support/fixture.ts'

const fixture = useFixture(import.meta.url)

it('replaces a silently lost connection once a request has timed out', async () => {
  const { scope, consumer, send } = fixture()
  const topic = await scope.createTopic('lost')
  await using proxy = await TcpFaultProxy.start(() => scope.brokers[0] ?? '')
  const port = Number(proxy.address.split(':').at(-1))
  const kafka = () =>
    new Kafka({
      brokers: scope.brokers,
      logLevel: logLevel.NOTHING,
      requestTimeout: 1_000,
      // Every advertised address leads through the proxy.
      socketFactory: ({ onConnect }) => connect(port, '127.0.0.1', onConnect),
    })
  const received: string[] = []
  const worker = await consumer({ kafka }).consume({ topic, name: topic }, async (messages) => {
    received.push(...texts(messages))
  })
  await send(topic, 0, ['before'])
  await worker.whenCaughtUp()

  proxy.blackHole()
  await send(topic, 0, ['meanwhile'])
  await expect(worker.lag()).rejects.toThrow('group coordinator')
  proxy.pass()

  // kafkajs alone keeps using the lost connection for minutes.
  await waitFor(() => received.includes('meanwhile'), { timeoutMs: 20_000 })
  await worker.whenCaughtUp()
  expect(received).toEqual(['before', 'meanwhile'])
  expect(await worker.lag()).toBe(0n)
})
