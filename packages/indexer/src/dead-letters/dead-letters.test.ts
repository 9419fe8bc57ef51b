import { KtError } from '@kt/core'
import type { ProduceOptions } from '@kt/core'
import { expect, test } from 'vitest'
import { FakeProducer, memoryLogger, message } from '../../test/support/fakes.ts'
import { DeadLetters, unparseable } from './dead-letters.ts'

const givenUp = ['1', '2', '3'].map((id, offset) =>
  unparseable({ ...message(id, { offset: BigInt(offset) }), key: id }),
)

/** A producer whose batch fails as a whole for one of its messages. */
class Refusing extends FakeProducer {
  refuse: (options: ProduceOptions) => Error | undefined = () => undefined

  override batch: FakeProducer['batch'] = async (fill) => {
    const sent: ProduceOptions[] = []
    const result = await fill({ produce: (_value, options) => void sent.push(options) })
    const error = sent.map(this.refuse).find((each) => each !== undefined)
    if (error !== undefined) throw error
    this.sent.push(...sent.map((options) => ({ value: null, ...options })))
    return result
  }
}

test('sends the other letters when Kafka refuses one', async () => {
  const producer = new Refusing()
  const tooLarge = new KtError('KT_PRODUCE_FAILED', 'MESSAGE_TOO_LARGE', { retryable: false })
  producer.refuse = ({ key }) => (key === '2' ? tooLarge : undefined)
  const { logger, lines } = memoryLogger()
  await new DeadLetters(producer, logger).send(givenUp)
  expect(producer.sent.map(({ key }) => key)).toEqual(['1', '3'])
  expect(lines[0]).toContain(
    'Kafka permanently refused a dead letter: it is lost {"topic":"cities","partition":0,"offset":"1"',
  )
})

test.each([
  new KtError('KT_PRODUCE_TIMEOUT', 'away', { retryable: true }),
  new KtError('KT_CLOSED', 'closed', { retryable: false }),
])('loses no dead letter because of $code', async (error) => {
  const producer = new Refusing()
  producer.refuse = () => error
  await expect(new DeadLetters(producer, memoryLogger().logger).send(givenUp)).rejects.toBe(error)
})
