import { errorFields } from '@kt/core'
import type { Logger } from '@kt/core'

/**
 * The internal of kafkajs that `quietRequestQueues` mends; undefined where it can't be loaded. A literal `import`, which
 * Node, bundlers and CommonJS builds all resolve to the kafkajs beside this package.
 */
export async function loadRequestQueue(logger: Logger): Promise<unknown> {
  try {
    // @ts-expect-error kafkajs has no types for it.
    return (await import('kafkajs/src/network/requestQueue/index.js')) as unknown
  } catch (error) {
    logger.debug(
      'Idle connections to Kafka keep polling: this kafkajs has another layout',
      errorFields(error),
    )
    return undefined
  }
}
