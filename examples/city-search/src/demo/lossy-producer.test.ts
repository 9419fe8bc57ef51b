import { MemoryProducer } from 'testkit/doubles'
import { expect, test } from 'vitest'
import { LossyProducer } from './lossy-producer.ts'

const delay = (changeId: string) => ({ topic: 'delay', key: '1', headers: { 'kt-change-id': changeId } })
const instant = (changeId: string) => ({ topic: 'cities', key: '1', headers: { 'kt-change-id': changeId } })

test('loses exactly the instant messages of the write, wherever they are sent', async () => {
  const memory = new MemoryProducer()
  const producer = new LossyProducer(memory, 'delay')
  const { loss } = await producer.losingInstantMessages(async () => {
    await producer.produce('lost', delay('a.0'))
    // The sender of instant messages may send those of another write from here.
    await producer.produce('kept', instant('b.0'))
  })
  expect(loss).toMatchObject({ isInstantLost: false, delaySentAtMs: expect.any(Number) as number })
  await producer.batch((batch) => {
    batch.produce('lost', instant('a.0'))
    batch.produce('kept', instant('c.0'))
  })
  expect(loss.isInstantLost).toBe(true)
  expect(memory.to('delay').map(({ value }) => value)).toEqual(['lost'])
  expect(memory.to('cities').map(({ value }) => value)).toEqual(['kept', 'kept'])
})

test('loses a message again if its batch is retried', async () => {
  const memory = new MemoryProducer()
  const producer = new LossyProducer(memory, 'delay')
  await producer.losingInstantMessages(() => producer.produce('lost', delay('a.0')))
  for (let attempt = 0; attempt < 2; attempt++) await producer.produce('lost', instant('a.0'))
  expect(memory.to('cities')).toEqual([])
})

test('reports no loss if the write sent nothing', async () => {
  const producer = new LossyProducer(new MemoryProducer(), 'delay')
  const { result, loss } = await producer.losingInstantMessages(() => Promise.resolve('unchanged'))
  expect(result).toBe('unchanged')
  expect(loss).toEqual({ isInstantLost: false })
})
