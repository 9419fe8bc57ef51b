const prefix = new TextEncoder().encode('{"id":')
const zero = 48
const nine = 57
const brace = 125
/** More digits may not fit a double. */
const mostDigits = 15

/**
 * Reads the number in `{"id":123}`, the value of nearly every message; undefined for any other form. Reading it byte by
 * byte takes a twentieth of the time of a UTF-8 decoder and a JSON parser. At full speed, those would take as long as
 * all other work on a message.
 */
export function plainId(value: Uint8Array): number | undefined {
  const digits = value.length - prefix.length - 1
  if (digits < 1 || digits > mostDigits || value[value.length - 1] !== brace) return undefined
  for (let i = 0; i < prefix.length; i++) if (value[i] !== prefix[i]) return undefined
  let id = 0
  for (let i = prefix.length; i < value.length - 1; i++) {
    const byte = value[i] as number
    if (byte < zero || byte > nine) return undefined
    id = id * 10 + byte - zero
  }
  // JSON has no leading zeros.
  return digits > 1 && value[prefix.length] === zero ? undefined : id
}
