import { causesOf } from '@kt/core'

/** What to do about a topic that is compressed by a codec which kafkajs does not bring along; undefined otherwise. */
export function codecAdvice(error: unknown): string | undefined {
  for (const { message } of causesOf(error)) {
    const codec = /^(Snappy|LZ4|ZSTD) compression not implemented$/.exec(message)?.[1]
    if (codec !== undefined)
      return `the topic is compressed by ${codec}: register a codec, CompressionCodecs[CompressionTypes.${codec}] of kafkajs, or set the topic's compression.type to gzip`
  }
  return undefined
}
