import { isRefused } from '../errors/is-refused.ts'
import type { KtError } from '../errors/kt-error.ts'
import type { Message } from '../ports/message.ts'
import type { MessageProducer } from '../ports/message-producer.ts'
import { toDeadLetter } from './dead-letter.ts'
import type { DeadLetterReason } from './dead-letter.ts'

/** A message that is given up, and why. */
export interface GivenUpMessage {
  readonly message: Message
  readonly reason: DeadLetterReason
}

/** A message that Kafka refuses even as a dead letter: with its headers it may be larger than Kafka takes, for instance. */
export interface RefusedLetter extends GivenUpMessage {
  readonly error: KtError
}

/**
 * Sends dead letters; resolves, with those that Kafka refuses for good, when it has acknowledged all others.
 *
 * @throws what the producer throws: then nothing is known, and the messages are to be kept.
 */
export async function sendDeadLetters(
  producer: Pick<MessageProducer, 'batch'>,
  givenUp: readonly GivenUpMessage[],
): Promise<readonly RefusedLetter[]> {
  try {
    await producer.batch((batch) => {
      for (const { message, reason } of givenUp) {
        const { value, ...options } = toDeadLetter(message, reason)
        batch.produce(value, options)
      }
    })
    return []
  } catch (error) {
    if (!isRefused(error)) throw error
    const [first] = givenUp
    if (first !== undefined && givenUp.length === 1) return [{ ...first, error }]
    const refused: RefusedLetter[] = []
    for (const each of givenUp) refused.push(...(await sendDeadLetters(producer, [each])))
    return refused
  }
}
