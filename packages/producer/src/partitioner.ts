import type { ICustomPartitioner } from 'kafkajs'
import { murmur2 } from './murmur2.ts'
import { OutgoingMessage } from './outgoing-message.ts'

/**
 * Chooses partitions exactly as the default partitioners of kafkajs and of the Java client do: the caller's choice, else
 * by the key's hash, else each in turn. It is our own because it notes the choice on the message, so that it can be
 * seen whether Kafka acknowledged that partition, and because kafkajs hashes with BigInts, many times slower.
 */
export const partitioner: ICustomPartitioner = () => {
  const turns = new Map<string, number>()
  return ({ topic, partitionMetadata, message }) => {
    const choose = (): number => {
      if (message instanceof OutgoingMessage && message.target !== undefined) return message.target
      if (typeof message.key === 'string') return positive(murmur2(message.key)) % partitionMetadata.length
      const available = partitionMetadata.filter(({ leader }) => leader >= 0)
      const turn = turns.get(topic) ?? Math.floor(Math.random() * partitionMetadata.length)
      turns.set(topic, (turn + 1) % partitionMetadata.length)
      return available[turn % available.length]?.partitionId ?? turn
    }
    const partition = choose()
    if (message instanceof OutgoingMessage) message.assigned = partition
    return partition
  }
}

function positive(hash: number): number {
  return hash & 0x7f_ff_ff_ff
}
