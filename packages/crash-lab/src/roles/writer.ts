import { outbox } from '@kt/sequelize-stream'
import { openDatabase } from '../model/database.ts'
import { Random } from '../writes/random.ts'
import { writePaths } from '../writes/write-paths.ts'
import { openConnections } from './connections.ts'
import { injectCommitFaults } from './faulty-commit.ts'
import { FaultyProducer } from './faulty-producer.ts'
import type { StartRole } from './role.ts'
import { streamModels } from './streams.ts'

/** The application. It makes the writes that the lab requests. */
export const startWriter: StartRole = async (settings, faults) => {
  const sequelize = openDatabase(settings.databaseUrl)
  const errandOf = (topic: string) => (topic === settings.topics.delay ? 'delay' : 'instant')
  const producer = new FaultyProducer(openConnections(settings).producer, faults, errandOf)
  const hasOutbox = process.env['KT_OUTBOX'] !== undefined
  const updateStreamer = streamModels(settings, producer, hasOutbox ? outbox(sequelize) : 'reject')
  injectCommitFaults(sequelize, faults)
  await sequelize.authenticate()
  await updateStreamer.start()
  return {
    write: async ({ path, base, seed }) => {
      await writePaths[path]({ sequelize, updateStreamer, base, random: new Random(seed) })
    },
    flush: () => updateStreamer.flush(),
  }
}
