import { decodeNamed, errorFields, isRecordList, messagesOfList, sendDeadLetters } from '@kt/core'
import type { BatchContext, Message, MessageHandler, Pause } from '@kt/core'
import { isDataFault, saysSoItself } from './data-fault.ts'
import type { ResolvedCascaderOptions } from './options.ts'

interface Fault {
  readonly message: Message
  readonly error: unknown
}

/** What was found out about a batch. */
interface Findings {
  readonly faults: Fault[]
  /** Whether `work` did its work for any message. */
  works: boolean
}

/** How long messages wait whose fault may be the look-up's own. */
const waitMs = 5_000

/**
 * A handler that does the same as `work`, but for messages whose data it can't be done with: those become dead letters,
 * and stop no others. To find them, a batch that fails is tried in halves. As long as nothing shows that `work` succeeds
 * with other messages, it may be at fault itself: then the batch waits, and comes again with what has arrived since.
 */
export function isolateFaults(options: ResolvedCascaderOptions, work: MessageHandler): MessageHandler {
  let worked = false
  return async (messages, context) => {
    const findings: Findings = { faults: [], works: false }
    const pause = await divide(work, messages, context, findings)
    const { faults, works } = findings
    const [fault] = faults
    const [first] = messages
    const isProven = works || worked || faults.every(({ error }) => saysSoItself(error))
    worked = works
    if (fault === undefined || first === undefined) return pause
    if (!isProven) return wait(options, first, fault)
    await sendFaults(options, faults, context)
    return pause
  }
}

/** @returns what `work` wants to have delivered again */
async function divide(
  work: MessageHandler,
  messages: readonly Message[],
  context: BatchContext,
  findings: Findings,
): Promise<Pause | void> {
  try {
    const pause = await work(messages, context)
    findings.works = true
    return pause
  } catch (error) {
    if (!isDataFault(error)) throw error
    const parts = partsOf(messages)
    if (parts === undefined) findings.faults.push(...messages.map((message) => ({ message, error })))
    for (const part of parts ?? []) {
      const pause = await divide(work, part, context, findings)
      if (pause !== undefined) return pause
    }
  }
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

function wait(
  { name, logger }: ResolvedCascaderOptions,
  { topic, partition, offset }: Message,
  { error }: Fault,
): Pause {
  logger.error('No cascade can be made of any message: the look-up may be wrong. They are tried again', {
    cascader: name,
    topic,
    partition,
    ...errorFields(error),
    retryInMs: waitMs,
  })
  return { from: offset, forMs: waitMs }
}

async function sendFaults(
  { producer, name, logger, meter }: ResolvedCascaderOptions,
  faults: readonly Fault[],
  { attempt }: BatchContext,
): Promise<void> {
  const code = 'KT_LOAD_FAILED'
  const reason = { code, attempts: attempt }
  const refused = await sendDeadLetters(
    producer,
    faults.map(({ message }) => ({ message, reason })),
  )
  const passedOver = new Set(refused.map(({ message }) => message))
  for (const { message, error } of faults) {
    const { topic, partition, offset } = message
    meter.add('kt_cascader_dead_letters_total', 1, { name, topic, code })
    logger.error(
      passedOver.has(message)
        ? 'A message is passed over: no cascade can be made of it, and Kafka refuses it as a dead letter'
        : 'A message became a dead letter: no cascade can be made of it',
      { cascader: name, topic, partition, offset: String(offset), ...errorFields(error), code },
    )
  }
}
