import { causesOf } from '@kt/core/internal'

/** Advice for an error about a compression codec that kafkajs does not include. Undefined for other errors. */
export function codecAdvice(error: unknown): string | undefined {
  for (const { message } of causesOf(error)) {
    const codec = /^(Snappy|LZ4|ZSTD) compression not implemented$/.exec(message)?.[1]
    if (codec !== undefined)
      return `the topic is compressed with ${codec}: register a codec, CompressionCodecs[CompressionTypes.${codec}] of kafkajs, or set the topic's compression.type to gzip`
  }
  return undefined
}
