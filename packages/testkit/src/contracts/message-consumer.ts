import type { MessageConsumer } from '@kt/core'
import { describe } from 'vitest'
import type { MakeAdapter } from './adapter.ts'
import { describeCatchUp, describeClose } from './consumer-close.ts'
import { describeDelivery, describeSharing } from './consumer-delivery.ts'
import { describeFailure, describePause } from './consumer-failure.ts'

/** Tests that every {@link MessageConsumer} must pass, on a real Kafka. Call it in a test file of the adapter. */
export function describeMessageConsumer(name: string, make: MakeAdapter<MessageConsumer>): void {
  describe(`${name} as a MessageConsumer`, () => {
    describe('delivery', () => {
      describeDelivery(make)
    })
    describe('sharing', () => {
      describeSharing(make)
    })
    describe('failure', () => {
      describeFailure(make)
    })
    describe('pause', () => {
      describePause(make)
    })
    describe('catching up', () => {
      describeCatchUp(make)
    })
    describe('closing', () => {
      describeClose(make)
    })
  })
}
