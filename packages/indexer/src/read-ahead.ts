/**
 * Works on the parts in their order, and reads each while the one before it is worked on.
 *
 * @param work resolves with whether it went as usual. If it took longer, what was read meanwhile is old, and is read
 *   again.
 */
export async function readAhead<Part, Read>(
  parts: readonly Part[],
  read: (part: Part) => Promise<Read>,
  work: (part: Part, read: Read) => Promise<boolean>,
): Promise<void> {
  let ahead: Promise<Read> | undefined
  try {
    for (const [index, part] of parts.entries()) {
      const found = await (ahead ?? read(part))
      const next = parts[index + 1]
      ahead = next === undefined ? undefined : read(next)
      // Whoever awaits it hears of a failure.
      ahead?.catch(() => undefined)
      if (await work(part, found)) continue
      await ahead?.catch(() => undefined)
      ahead = undefined
    }
  } finally {
    await ahead?.catch(() => undefined)
  }
}

/** The items in order, at most `size` to a part. */
export function inParts<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  if (items.length <= size) return items.length === 0 ? [] : [items]
  const count = Math.ceil(items.length / size)
  return Array.from({ length: count }, (_, part) => items.slice(part * size, (part + 1) * size))
}
