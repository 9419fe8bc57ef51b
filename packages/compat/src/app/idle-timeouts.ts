import type { MessageProducer } from '@kt/core'
import { updateStream, UpdateStreamer } from '@kt/sequelize-stream'
import { fn } from 'sequelize'
import type { Sequelize, Transaction } from 'sequelize'
import type { AnyModel } from './models.ts'
import type { Settings } from './settings.ts'

export interface IdleTimeoutOptions {
  readonly settings: Settings
  readonly sequelize: Sequelize
  /** A model with a text `title` that is not streamed at the moment. */
  readonly model: AnyModel
  readonly topic: string
  readonly producer: MessageProducer
}

const setting = 'idle_in_transaction_session_timeout'

/**
 * Reads the idle timeout inside of transactions from the database. In the caller's transactions it is read right after
 * the delay messages were acknowledged, because from then on a frozen process must not commit.
 */
export async function readIdleTimeouts(options: IdleTimeoutOptions): Promise<Record<string, string>> {
  const { settings, sequelize, model, topic, producer } = options
  const delayTopic = `${settings.topicPrefix}.delay`
  let atAcknowledgement = 'not asked'
  let transaction: Transaction | undefined
  const ask = async (): Promise<void> => {
    if (transaction !== undefined) atAcknowledgement = await show(sequelize, transaction)
    transaction = undefined
  }
  const watched: MessageProducer = {
    produce: async (value, produceOptions) => {
      await producer.produce(value, produceOptions)
      await ask()
    },
    batch: async (fill) => {
      const result = await producer.batch(fill)
      await ask()
      return result
    },
  }
  const updateStreamer = new UpdateStreamer({ producer: watched, delayTopic, delayMs: settings.delayMs })
  const uninstall = updateStream(model, { updateStreamer, topic })
  // The stream's own transaction is only visible to the statement itself.
  const created = await model.create({ title: fn('current_setting', setting) })
  const inOurs = (await created.reload()).get('title') as string
  await created.destroy()
  await sequelize.transaction(async (each) => {
    await (await model.create({}, { transaction: each })).destroy({ transaction: each })
    transaction = each
  })
  await updateStreamer.close()
  uninstall()
  return { 'in a transaction of the stream': inOurs, "in the caller's transaction": atAcknowledgement }
}

async function show(sequelize: Sequelize, transaction: Transaction): Promise<string> {
  // Sequelize refuses other statements once commit() was called.
  const options = { transaction, completesTransaction: true }
  const [rows] = await sequelize.query(`SELECT current_setting('${setting}') AS value`, options)
  const [row] = rows as { value: string }[]
  return row?.value ?? 'nothing'
}
