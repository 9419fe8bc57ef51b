const lastOf64 = 2 ** 32

/** Reads what Kafka's protocol consists of, one after the other. */
export class ByteReader {
  readonly bytes: Buffer
  at: number

  constructor(bytes: Buffer, at = 0) {
    this.bytes = bytes
    this.at = at
  }

  int8(): number {
    return this.bytes.readInt8(this.#pass(1))
  }

  int16(): number {
    return this.bytes.readInt16BE(this.#pass(2))
  }

  int32(): number {
    return this.bytes.readInt32BE(this.#pass(4))
  }

  /** @throws RangeError for what a number can't tell exactly */
  int64(): number {
    const at = this.#pass(8)
    const value = this.bytes.readInt32BE(at) * lastOf64 + this.bytes.readUInt32BE(at + 4)
    if (!Number.isSafeInteger(value)) throw new RangeError('beyond 2^53')
    return value
  }

  bigInt64(): bigint {
    return this.bytes.readBigInt64BE(this.#pass(8))
  }

  string(): string | null {
    const length = this.int16()
    return length < 0 ? null : this.bytes.toString('utf8', this.#pass(length), this.at)
  }

  array<T>(read: () => T): T[] {
    return Array.from({ length: Math.max(0, this.int32()) }, read)
  }

  /** A zigzag in groups of seven bits, the lowest first. */
  varInt(): number {
    let byte = this.bytes[this.at++] ?? 0
    if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1)
    let rest = byte & 0x7f
    for (let shift = 7; byte >= 0x80; shift += 7) {
      byte = this.bytes[this.at++] ?? 0
      rest |= (byte & 0x7f) << shift
    }
    return (rest >>> 1) ^ -(rest & 1)
  }

  /** The same of 64 bits. */
  varLong(): number {
    let byte = this.bytes[this.at++] ?? 0
    let rest = byte & 0x7f
    for (let scale = 2 ** 7; byte >= 0x80; scale *= 2 ** 7) {
      byte = this.bytes[this.at++] ?? 0
      rest += (byte & 0x7f) * scale
    }
    if (!Number.isSafeInteger(rest)) throw new RangeError('beyond 2^53')
    return rest % 2 === 0 ? rest / 2 : -(rest + 1) / 2
  }

  /** Bytes with their length before them, -1 for null: a view, not a copy. */
  varBytes(): Buffer | null {
    const length = this.varInt()
    if (length < 0) return null
    const from = this.#pass(length)
    return this.bytes.subarray(from, this.at)
  }

  /** Passes a number of either length. */
  skipVarInt(): void {
    while ((this.bytes[this.at++] ?? 0) >= 0x80);
  }

  skipVarBytes(): void {
    const length = this.varInt()
    if (length > 0) this.at += length
  }

  varString(): string {
    const length = Math.max(0, this.varInt())
    return this.bytes.toString('utf8', this.#pass(length), this.at)
  }

  #pass(count: number): number {
    const { at } = this
    this.at += count
    return at
  }
}
