import { isRefused } from './is-refused.ts'
import type { KtError } from '../errors/kt-error.ts'
import type { Message } from '../ports/message.ts'
import type { MessageProducer } from '../ports/message-producer.ts'
import { toDeadLetter } from '../wire/dead-letter.ts'
import type { DeadLetterReason } from '../wire/dead-letter.ts'

/** A message that becomes a dead letter, and the reason. */
export interface GivenUpMessage {
  readonly message: Message
  readonly reason: DeadLetterReason
}

/** A message that Kafka refuses even as a dead letter, for example because its headers make it too large. */
export interface RefusedLetter extends GivenUpMessage {
  readonly error: KtError
}

/**
 * Sends dead letters. Resolves with those that Kafka refuses for good, once it has acknowledged all others.
 *
 * @throws KtError the producer's error. The outcome is then unknown, so keep the messages
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
