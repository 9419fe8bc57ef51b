/** Splits `items`, in order, into chunks of at most `maxBytes`; what is larger than that goes alone. */
export function chunkByBytes<Item extends { readonly bytes: number }>(
  items: readonly Item[],
  maxBytes: number,
): readonly (readonly Item[])[] {
  const chunks: Item[][] = []
  let room = 0
  for (const item of items) {
    const chunk = chunks.at(-1)
    if (chunk === undefined || item.bytes > room) {
      chunks.push([item])
      room = maxBytes - item.bytes
    } else {
      chunk.push(item)
      room -= item.bytes
    }
  }
  return chunks
}
