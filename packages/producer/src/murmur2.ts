const seed = 0x97_47_b2_8c
const multiplier = 0x5b_d1_e9_95

/** The 32-bit murmur2 hash by which the Java client, and with it kafkajs, spreads keys over partitions. */
export function murmur2(key: string): number {
  const data = Buffer.from(key)
  const tail = data.length & ~3
  let hash = seed ^ data.length
  for (let at = 0; at < tail; at += 4) {
    let word = Math.imul(data.readInt32LE(at), multiplier)
    word = Math.imul(word ^ (word >>> 24), multiplier)
    hash = Math.imul(hash, multiplier) ^ word
  }
  if (tail < data.length) {
    for (let at = data.length - 1; at >= tail; at -= 1) hash ^= (data[at] ?? 0) << (8 * (at - tail))
    hash = Math.imul(hash, multiplier)
  }
  hash = Math.imul(hash ^ (hash >>> 13), multiplier)
  return hash ^ (hash >>> 15)
}
