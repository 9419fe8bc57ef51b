import { sleep } from '@kt/core/internal'
import { Failure } from '../../matrix/cell.ts'
import { rejectsInTime } from '../rejected-in-time.ts'
import type { Scenario, Stage } from '../scenario.ts'
import { away } from './away.ts'

/** Failures of Kafka. The scenario for writes that must survive its loss is in `outbox.ts`. */
export const kafkaScenarios: readonly Scenario[] = [
  {
    name: 'kafka-killed',
    what: (seconds) => `Kafka killed for ${seconds} s`,
    disturb: away(
      ({ services }) => services.kafka.kill(),
      ({ services }) => services.kafka.start(),
      rejectsInTime,
    ),
  },
  {
    name: 'kafka-frozen',
    what: (seconds) => `Kafka frozen for ${seconds} s`,
    disturb: away(
      ({ services }) => services.kafka.pause(),
      ({ services }) => services.kafka.resume(),
      rejectsInTime,
    ),
  },
  {
    name: 'kafka-leader-killed',
    what: (seconds) => `the leader of three brokers killed for ${seconds} s`,
    kafka: 'replicated',
    disturb: killLeader,
  },
]

/** Two in-sync replicas are enough for Kafka to go on, so writes must go on too. */
async function killLeader({ services, world, outageMs, counts }: Stage): Promise<void> {
  const leader = await services.kafka.leaderOf(world.settings.topics.delay)
  await leader.kill()
  await sleep(outageMs / 2)
  const { done } = counts()
  await sleep(outageMs / 2)
  if (counts().done === done) throw new Failure('Nothing could be written with two of three brokers')
  await leader.start()
}
