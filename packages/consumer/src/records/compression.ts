import { createRequire } from 'node:module'

/** A codec as it is registered with kafkajs. */
interface Codec {
  decompress(bytes: Buffer): Promise<Buffer>
}

interface Codecs {
  lookupCodecByAttributes(attributes: number): Codec | null
}

const codecMask = 0x07
const require = createRequire(import.meta.url)

/**
 * A copy of a batch's records as they were before they were compressed. A copy, since a response's bytes are shared by
 * all partitions: one that waits would keep all of it in memory.
 *
 * @throws Error for a codec that kafkajs does not know
 */
export async function decompressed(records: Buffer, attributes: number): Promise<Buffer> {
  if ((attributes & codecMask) === 0) return Buffer.from(records)
  const codecs = require('kafkajs/src/protocol/message/compression') as Codecs
  const codec = codecs.lookupCodecByAttributes(attributes)
  if (!codec) throw new Error('an unknown codec')
  return codec.decompress(records)
}
