import { errorFields } from '@kt/core'
import { Delayer } from '@kt/delayer'
import { updateStream, UpdateStreamer } from '@kt/sequelize-stream'
import { Lab, steadyProducts } from './lab.ts'
import type { ReindexReport, ReindexRole } from './protocol.ts'
import { writeForever } from './write-forever.ts'

// A process of a re-index under fire: `process.ts <role> <settings> <version> <seed>`. It is killed at any moment.

const [, , role = '', settings = '', version = '', seed = ''] = process.argv
const lab = new Lab(JSON.parse(settings))

const roles: Record<ReindexRole, () => Promise<void>> = {
  /** Keeps the generations up to date, and sends delay messages again. */
  worker: async () => {
    const { delayTopic: topic, delayer: name, delayMs } = lab.settings
    const { consumer, producer } = lab
    await Promise.all([
      lab.reindexer(Number(version)).run(),
      new Delayer({ consumer, producer, topic, name, delayMs }).run(),
    ])
    report({ type: 'started' })
  },
  writer: async () => {
    const { producer } = lab
    const updateStreamer = new UpdateStreamer({
      producer,
      delayTopic: lab.settings.delayTopic,
      delayMs: lab.settings.delayMs,
    })
    updateStream(lab.Product, { updateStreamer, topic: lab.settings.topic })
    report({ type: 'started' })
    await writeForever(lab.Product, {
      seed: Number(seed),
      keep: steadyProducts,
      onWritten: () => report({ type: 'written', count: 1 }),
    })
  },
  ensure: async () => {
    const reindexer = lab.reindexer(Number(version), 2_000)
    const { generation } = await reindexer.ensure({
      onProgress: ({ step }) => report({ type: 'step', step }),
    })
    report({ type: 'ensured', generation })
    process.exit()
  },
}

process.once('disconnect', () => process.exit())
roles[role as ReindexRole]().catch((error: unknown) => {
  report({ type: 'failed', error: JSON.stringify(errorFields(error)) })
  process.exit(1)
})

function report(message: ReindexReport): void {
  process.send?.(message)
}
