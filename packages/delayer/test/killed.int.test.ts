import { expect, test } from 'vitest'
import { startDelayerProcess } from './support/delayer-process.ts'
import { range, timestamps, useFixture } from './support/fixture.ts'

const fixture = useFixture(import.meta.url)

test('after a kill and a restart, loses nothing, does not stall, and re-sends nothing early', async () => {
  const { scope, delayer, delayTopic, delay } = fixture()
  const delayMs = 1_000
  const [topic, cities] = await Promise.all([
    delayTopic('killed', 2),
    scope.createTopic('killed-cities', { config: { 'message.timestamp.type': 'LogAppendTime' } }),
  ])
  await delay(topic, range(0, 2_000), cities)
  const kill = await startDelayerProcess({ brokers: scope.brokers, topic, delayMs })
  await scope.waitFor(async () => (await scope.readTopic(cities)).length > 0)
  await kill()
  await delay(topic, range(2_000, 3_000), cities)
  const running = await delayer({ topic, delayMs })
  await running.whenCaughtUp()
  const before = timestamps(await scope.readTopic(topic))
  const resent = await scope.readTopic(cities)
  expect(new Set(resent.map(({ key }) => Number(key)))).toEqual(new Set(range(0, 3_000)))
  for (const { key, timestampMs } of resent)
    expect(timestampMs - (before.get(key ?? '') ?? Infinity)).toBeGreaterThanOrEqual(delayMs)
})
