import { sleep } from '@kt/core/internal'
import { waitFor } from 'testkit'
import { sendAllIds } from '../../harness/send-all-ids.ts'
import type { WorldSettings } from '../../harness/settings.ts'
import { withAdmin } from '../admin.ts'
import type { Scenario, Stage } from '../scenario.ts'

/**
 * Retention deletes messages that the Indexer, while down, has not read. Messages that are still in the delay topic
 * are re-sent. Messages that had already come due are lost for good, because nothing in Kafka has them any more. The
 * loss is reported, and the ids have to be sent again.
 */
export const retentionScenarios: readonly Scenario[] = [
  {
    name: 'retention-within-delay',
    what: () => 'the indexer down for half a delay, and all its unread messages deleted',
    kills: true,
    disturb: (stage) => cutOff(stage, stage.world.settings.delayMs / 2),
  },
  {
    name: 'retention-beyond-delay',
    what: () => 'the same for two delays: reported, and repaired by sending the ids again',
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
    what: 'A report of the lost messages',
  })
}

/** Deletes the messages as retention does, but at once. */
async function deleteMessages({ brokers, topics: { cities, countries } }: WorldSettings): Promise<void> {
  await withAdmin(brokers, async (admin) => {
    for (const topic of [cities, countries]) {
      const ends = await admin.fetchTopicOffsets(topic)
      const partitions = ends.map(({ partition, high }) => ({ partition, offset: high }))
      await admin.deleteTopicRecords({ topic, partitions })
    }
  })
}
