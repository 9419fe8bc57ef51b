const seed = 0x97_47_b2_8c
const multiplier = 0x5b_d1_e9_95

/** The bytes of short keys, which are hashed faster than a buffer is made for each. */
const shortKey = Buffer.alloc(64)

/** The 32-bit murmur2 hash by which the Java client, and with it kafkajs, spreads keys over partitions. */
export function murmur2(key: string): number {
  if (isCopied(key)) return hashOf(shortKey, key.length)
  const data = Buffer.from(key)
  return hashOf(data, data.length)
}

/** Whether `key` is short and ASCII, and now in `shortKey`. */
function isCopied(key: string): boolean {
  if (key.length > shortKey.length) return false
  for (let index = 0; index < key.length; index += 1) {
    const code = key.charCodeAt(index)
    if (code > 0x7f) return false
    shortKey[index] = code
  }
  return true
}

function hashOf(data: Buffer, length: number): number {
  const tail = length & ~3
  let hash = seed ^ length
  for (let at = 0; at < tail; at += 4) {
    let word = Math.imul(data.readInt32LE(at), multiplier)
    word = Math.imul(word ^ (word >>> 24), multiplier)
    hash = Math.imul(hash, multiplier) ^ word
  }
  if (tail < length) {
    for (let at = length - 1; at >= tail; at -= 1) hash ^= (data[at] ?? 0) << (8 * (at - tail))
    hash = Math.imul(hash, multiplier)
  }
  hash = Math.imul(hash ^ (hash >>> 13), multiplier)
  return hash ^ (hash >>> 15)
}
