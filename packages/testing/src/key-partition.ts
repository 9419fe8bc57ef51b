const seed = 0x9747b28c
const multiplier = 0x5bd1e995

/** The partition of a key, as Kafka's clients choose it, kafkajs included. */
export function keyPartition(key: string, partitions: number): number {
  return (murmur2(Buffer.from(key)) & 0x7fffffff) % partitions
}

/** The hash of Kafka's default partitioner, MurmurHash2. */
function murmur2(bytes: Buffer): number {
  let hash = seed ^ bytes.length
  const whole = bytes.length - (bytes.length % 4)
  for (let at = 0; at < whole; at += 4) {
    let part = Math.imul(bytes.readInt32LE(at), multiplier)
    part = Math.imul(part ^ (part >>> 24), multiplier)
    hash = Math.imul(hash, multiplier) ^ part
  }
  for (let at = bytes.length - 1; at >= whole; at -= 1) hash ^= (bytes[at] ?? 0) << (8 * (at - whole))
  if (whole < bytes.length) hash = Math.imul(hash, multiplier)
  hash = Math.imul(hash ^ (hash >>> 13), multiplier)
  return hash ^ (hash >>> 15)
}
