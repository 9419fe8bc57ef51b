/** A UTF-16 unit takes at most so many bytes in UTF-8. */
const mostBytes = 3

/** Splits `items`, in order, into chunks whose texts have at most `maxBytes` together; what is larger goes alone. */
export function chunkByBytes<Item extends { readonly text: string }>(
  items: readonly Item[],
  maxBytes: number,
): readonly (readonly Item[])[] {
  if (items.length === 0) return []
  // Most batches are so small that nothing needs to be counted.
  const units = items.reduce((sum, { text }) => sum + text.length, 0)
  if (units * mostBytes <= maxBytes) return [items]
  const chunks: Item[][] = []
  let room = 0
  for (const item of items) {
    const bytes = Buffer.byteLength(item.text)
    const chunk = chunks.at(-1)
    if (chunk === undefined || bytes > room) {
      chunks.push([item])
      room = maxBytes - bytes
    } else {
      chunk.push(item)
      room -= bytes
    }
  }
  return chunks
}
