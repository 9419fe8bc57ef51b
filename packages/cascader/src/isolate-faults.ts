import { isRecordList, decodeNamed, messagesOfList, sendDeadLetters } from '@kt/core'
import type { BatchContext, Message, MessageHandler } from '@kt/core'
import { isDataFault } from './data-fault.ts'
import type { ResolvedCascaderOptions } from './options.ts'

/**
 * A handler that does the same as `work`, but for messages whose data it can't be done with: those become dead letters,
 * and stop no others. To find them, a batch that fails is tried in halves.
 */
export function isolateFaults(options: ResolvedCascaderOptions, work: MessageHandler): MessageHandler {
  const handle: MessageHandler = async (messages, context) => {
    try {
      return await work(messages, context)
    } catch (error) {
      if (!isDataFault(error)) throw error
      const parts = partsOf(messages)
      if (parts === undefined) return bury(options, messages, context)
      for (const part of parts) await handle(part, context)
    }
  }
  return handle
}

/** Halves of a batch, or of the records of its only message; undefined when there is but one. */
function partsOf(messages: readonly Message[]): readonly (readonly Message[])[] | undefined {
  const all = messages.length === 1 ? messages.flatMap(singles) : messages
  if (all.length < 2) return undefined
  const middle = Math.ceil(all.length / 2)
  return [all.slice(0, middle), all.slice(middle)]
}

function singles(message: Message): readonly Message[] {
  try {
    const named = decodeNamed(message.value)
    return isRecordList(named) ? messagesOfList(message, named) : [message]
  } catch {
    return [message]
  }
}

async function bury(
  { producer, name, logger, meter }: ResolvedCascaderOptions,
  messages: readonly Message[],
  { attempt }: BatchContext,
): Promise<void> {
  const code = 'KT_LOAD_FAILED'
  const reason = { code, attempts: attempt }
  const refused = await sendDeadLetters(
    producer,
    messages.map((message) => ({ message, reason })),
  )
  for (const { topic, partition, offset } of messages) {
    meter.add('kt_cascader_dead_letters_total', 1, { name, topic, code })
    logger.error(
      refused.length > 0
        ? 'A message is passed over: no cascade can be made of it, and Kafka refuses it as a dead letter'
        : 'A message became a dead letter: no cascade can be made of it',
      { name, topic, partition, offset: String(offset), code },
    )
  }
}
