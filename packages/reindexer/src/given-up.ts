import type { MessageConsumer } from '@kt/core'

/** Counts the messages that the Indexers of this process have given up: sending them again would not help. */
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
