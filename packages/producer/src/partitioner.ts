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
    const choose = (target: number | undefined, key: unknown): number => {
      if (target !== undefined) return target
      if (typeof key === 'string') return positive(murmur2(key)) % partitionMetadata.length
      const available = partitionMetadata.filter(({ leader }) => leader >= 0)
      const turn = turns.get(topic) ?? Math.floor(Math.random() * partitionMetadata.length)
      turns.set(topic, (turn + 1) % partitionMetadata.length)
      return available[turn % available.length]?.partitionId ?? turn
    }
    if (!(message instanceof OutgoingMessage)) return choose(undefined, message.key)
    const assign = ({ target, key }: OutgoingMessage): number => choose(target, key)
    message.assign = assign
    message.assigned = message.assign(message)
    return message.assigned
  }
}

function positive(hash: number): number {
  return hash & 0x7f_ff_ff_ff
}
