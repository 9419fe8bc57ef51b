import { decodeNamed, errorFields, isRecordList, messagesOfList } from '@kt/core'
import { sendDeadLetters } from '@kt/core/internal'
import type { BatchContext, Message, MessageHandler, Pause } from '@kt/core'
import { isDataFault, isReportedFault } from './data-fault.ts'
import type { ResolvedCascaderOptions } from './options.ts'

interface Fault {
  readonly message: Message
  readonly error: unknown
}

/** The results of one batch. */
interface Findings {
  readonly faults: Fault[]
  /** Whether `work` succeeded for any message. */
  works: boolean
}

/** How long a batch is paused when the lookup itself may be at fault. */
const waitMs = 5_000

/**
 * Wraps `work` so that messages whose data make it fail become dead letters, and do not block others. Halves a failing
 * batch to isolate them. Until `work` succeeds with another message, it may be at fault itself: the partition is
 * paused, and the batch is delivered again together with later messages.
 */
export function isolateFaults(options: ResolvedCascaderOptions, work: MessageHandler): MessageHandler {
  let worked = false
  return async (messages, context) => {
    const findings: Findings = { faults: [], works: false }
    const pause = await divide(work, messages, context, findings)
    const { faults, works } = findings
    const [fault] = faults
    const [first] = messages
    const isProven = works || worked || faults.every(({ error }) => isReportedFault(error))
    worked = works
    if (fault === undefined || first === undefined) return pause
    if (!isProven) return pauseFrom(options, first, fault)
    await sendFaults(options, faults, context)
    return pause
  }
}

/** @returns the pause that `work` returned */
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

/** Halves a batch, or the records of its only message. Undefined if there is only one. */
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

function pauseFrom(
  { name, logger }: ResolvedCascaderOptions,
  { topic, partition, offset }: Message,
  { error }: Fault,
): Pause {
  logger.error('The lookup failed for all messages and may be wrong: they are retried', {
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
  { attempt, gaveUp }: BatchContext,
): Promise<void> {
  const code = 'KT_LOAD_FAILED'
  const reason = { code, attempts: attempt }
  const refused = await sendDeadLetters(
    producer,
    faults.map(({ message }) => ({ message, reason })),
  )
  gaveUp?.(faults.map(({ message }) => message))
  const lost = new Set(refused.map(({ message }) => message))
  for (const { message, error } of faults) {
    const { topic, partition, offset } = message
    meter.add('kt_cascader_dead_letters_total', 1, { name, topic, code })
    logger.error(
      lost.has(message)
        ? 'A message is skipped: the lookup failed on its data, and Kafka permanently refused the dead letter'
        : 'A message became a dead letter: the lookup failed on its data',
      { cascader: name, topic, partition, offset: String(offset), ...errorFields(error), code },
    )
  }
}
