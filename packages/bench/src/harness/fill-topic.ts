import type { TestRecord, TestScope } from 'testkit'

/** Messages per request. All may be of one partition, which accepts a megabyte at a time. */
const chunkSize = 4_000

/** Sends `count` messages to the topic. */
export async function fillTopic(
  scope: TestScope,
  topic: string,
  count: number,
  message: (index: number) => TestRecord,
): Promise<void> {
  for (let first = 0; first < count; first += chunkSize) {
    const size = Math.min(chunkSize, count - first)
    await scope.send(
      topic,
      Array.from({ length: size }, (_, index) => message(first + index)),
    )
  }
}

/** Returns a message with the id of a record. */
export function naming(id: number): TestRecord {
  return { key: String(id), value: JSON.stringify({ id }) }
}
