import type { TestRecord, TestScope } from 'testkit'

/** So many messages go into one request: all of them may be of one partition, which takes a megabyte at a time. */
const chunkSize = 4_000

/** Puts `count` messages into the topic. */
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

/** The message that names the record with this id. */
export function naming(id: number): TestRecord {
  return { key: String(id), value: JSON.stringify({ id }) }
}
