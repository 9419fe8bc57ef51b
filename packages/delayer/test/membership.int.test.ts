import { expect, test } from 'vitest'
import { range, useFixture } from './support/fixture.ts'

const fixture = useFixture(import.meta.url)

test('stays a member during a delay longer than the session, and goes on with other partitions', async () => {
  const { scope, delayer } = fixture()
  // Timestamps of the producer apply here, so that one partition can wait while another has due messages.
  const topic = await scope.createTopic('long', { partitions: 2 })
  const cities = await scope.createTopic('long-cities')
  const raw = scope.kafka().producer({
    createPartitioner:
      () =>
      ({ message }) =>
        message.partition ?? 0,
  })
  await raw.connect()
  const send = async (partition: number, id: number, timestampMs: number): Promise<void> => {
    const value = JSON.stringify({ payload: { id }, topic: cities })
    await raw.send({ topic, messages: [{ value, partition, timestamp: String(timestampMs) }] })
  }
  const admin = scope.kafka().admin()
  await admin.connect()
  const members = async (): Promise<string[]> => {
    const { groups } = await admin.describeGroups([topic])
    return (groups[0]?.members ?? []).map(({ memberId }) => memberId)
  }
  // The session of the fixture's consumers is 6 s.
  const delayMs = 15_000
  await send(0, 0, Date.now())
  const running = await delayer({ topic, delayMs })
  const joined = await members()
  const resent = async (): Promise<number> => (await scope.readTopic(cities)).length
  for (const id of range(1, 5)) {
    await send(1, id, Date.now() - delayMs)
    await scope.waitFor(async () => (await resent()) === id)
  }
  await running.whenCaughtUp()
  expect((await scope.readTopic(cities)).map(({ key }) => key)).toEqual(['1', '2', '3', '4', '0'])
  expect(joined.length).toBe(1)
  expect(await members()).toEqual(joined)
  await Promise.all([raw.disconnect(), admin.disconnect()])
})
