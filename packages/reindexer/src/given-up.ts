import type { MessageConsumer } from '@kt/core'

/** Counts the messages that the Indexers of a generation have given up, so that nobody waits for their records. */
export class GivenUp {
  count = 0

  /** Returns a consumer that also tells this one. */
  watching(consumer: MessageConsumer): MessageConsumer {
    return {
      consume: (options, handler) =>
        consumer.consume(options, (messages, context) =>
          handler(messages, {
            ...context,
            gaveUp: (some) => {
              this.count += some.length
              context.gaveUp?.(some)
            },
          }),
        ),
    }
  }
}
