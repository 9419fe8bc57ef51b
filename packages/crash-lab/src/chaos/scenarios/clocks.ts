import { fileURLToPath } from 'node:url'
import { sleep } from '@kt/core/internal'
import kafkajs from 'kafkajs'
import { RoleProcess } from '../../harness/role-process.ts'
import { withAdmin } from '../admin.ts'
import type { Scenario, Stage } from '../scenario.ts'

const shiftMs = 600_000
const preload = fileURLToPath(new URL('../shifted-clock.ts', import.meta.url))

/** How often the writer is killed, so that the delay messages are needed. */
const kills = 4

/**
 * The application's clock is wrong. With the delay topic on the broker's clock this makes no difference. With the
 * delay topic on the producer's clock, a fast clock delays a message by at most one delay from when the Delayer saw it.
 * A slow clock makes the messages come due at once, so nothing is lost only as long as the writer lives.
 */
export const clockScenarios: readonly Scenario[] = [
  {
    name: 'clock-ahead',
    what: () => `the writer's clock 10 min ahead; the writer killed ${kills} times`,
    kills: true,
    prepare: (stage) => castWriter(stage, shiftMs),
    disturb: (stage) => killWriter(stage, shiftMs),
  },
  {
    name: 'clock-behind',
    what: () => `the writer's clock 10 min behind; the writer killed ${kills} times`,
    kills: true,
    prepare: (stage) => castWriter(stage, -shiftMs),
    disturb: (stage) => killWriter(stage, -shiftMs),
  },
  {
    name: 'clock-ahead-create-time',
    what: () => `the same 10 min ahead, with the delay topic on CreateTime`,
    kills: true,
    prepare: async (stage) => {
      await useCreateTime(stage)
      await castWriter(stage, shiftMs)
    },
    disturb: (stage) => killWriter(stage, shiftMs),
  },
  {
    name: 'clock-behind-create-time',
    what: (seconds) => `10 min behind for ${seconds} s on CreateTime, the writer alive`,
    prepare: async (stage) => {
      await useCreateTime(stage)
      await castWriter(stage, -shiftMs)
    },
    disturb: ({ outageMs }) => sleep(outageMs),
  },
]

async function castWriter({ world }: Stage, shift: number): Promise<void> {
  const env = { ...process.env, KT_CLOCK_SHIFT_MS: String(shift) }
  await world.recast('writer', new RoleProcess([preload], env))
}

async function killWriter(stage: Stage, shift: number): Promise<void> {
  for (let count = 0; count < kills; count++) {
    await sleep(stage.outageMs / kills)
    await castWriter(stage, shift)
  }
}

async function useCreateTime({ world }: Stage): Promise<void> {
  const { brokers, topics } = world.settings
  const configEntries = [{ name: 'message.timestamp.type', value: 'CreateTime' }]
  const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name: topics.delay, configEntries }
  await withAdmin(brokers, (admin) => admin.alterConfigs({ validateOnly: false, resources: [resource] }))
}
