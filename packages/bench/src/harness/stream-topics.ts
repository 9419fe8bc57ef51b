import type { TestScope } from 'testkit'

/** The topics of a streamed model. */
export interface StreamTopics {
  readonly instant: string
  readonly delay: string
}

export async function createStreamTopics(scope: TestScope): Promise<StreamTopics> {
  return {
    instant: await scope.createTopic('products', { partitions: 4 }),
    delay: await scope.createTopic('delay'),
  }
}
