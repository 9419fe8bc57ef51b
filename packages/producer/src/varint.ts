/**
 * What Kafka's records have numbers as: the zigzag, of what is never negative but for -1, in groups of seven bits, the
 * lowest first.
 */
export function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0
}

/** How many bytes that takes. */
export function sizeOfInt(value: number): number {
  const rest = zigzag(value)
  if (rest < 1 << 7) return 1
  if (rest < 1 << 14) return 2
  if (rest < 1 << 21) return 3
  return rest < 1 << 28 ? 4 : 5
}

/** How many bytes a part takes with its length before it, which is -1 for null. */
export function sizeOfPart(bytes: number): number {
  return sizeOfInt(bytes) + Math.max(0, bytes)
}
