import { sleep } from '@kt/core'
import { waitFor } from 'testkit'
import { sendAllIds } from '../../harness/send-all-ids.ts'
import type { WorldSettings } from '../../harness/settings.ts'
import { withAdmin } from '../admin.ts'
import type { Scenario, Stage } from '../scenario.ts'

/**
 * Retention deletes messages that the Indexer, being down, has not read. What the delay topic still holds by then heals
 * by itself. What had come due before is lost with them: nothing in Kafka knows of it any more. That is reported, and
 * whoever reads the report has the ids sent again.
 */
export const retentionScenarios: readonly Scenario[] = [
  {
    name: 'retention-within-delay',
    what: () => 'the indexer down for half a delay, and all that it had not read deleted',
    kills: true,
    disturb: (stage) => cutOff(stage, stage.world.settings.delayMs / 2),
  },
  {
    name: 'retention-beyond-delay',
    what: () => 'the same for two delays: reported, and healed by sending the ids again',
    kills: true,
    disturb: async (stage) => {
      await cutOff(stage, stage.world.settings.delayMs * 2)
      await sendAllIds(stage.world)
    },
  },
]

async function cutOff({ world }: Stage, downMs: number): Promise<void> {
  await world.role('indexer').kill()
  await sleep(downMs)
  await deleteMessages(world.settings)
  await world.restart()
  await waitFor(() => world.role('indexer').log.includes('out of range'), {
    what: 'A report of the messages that were lost',
  })
}

/** As retention does it, at once. */
async function deleteMessages({ brokers, topics: { cities, countries } }: WorldSettings): Promise<void> {
  await withAdmin(brokers, async (admin) => {
    for (const topic of [cities, countries]) {
      const ends = await admin.fetchTopicOffsets(topic)
      const partitions = ends.map(({ partition, high }) => ({ partition, offset: high }))
      await admin.deleteTopicRecords({ topic, partitions })
    }
  })
}
