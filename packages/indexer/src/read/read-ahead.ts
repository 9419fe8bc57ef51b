/** How parts are read and processed. */
export interface ReadAheadSteps<Part, Read> {
  readonly read: (part: Part) => Promise<Read>
  /** @param expire drops the part that was read ahead, which is read again. To be called before a wait. */
  readonly work: (part: Part, read: Read, expire: () => void) => Promise<void>
  /** Releases a part that was read but is not processed. */
  readonly drop: (read: Read) => void
}

/** Processes the parts in order, and reads each one while the one before it is processed. */
export async function readAhead<Part, Read>(
  parts: Iterable<Part>,
  { read, work, drop }: ReadAheadSteps<Part, Read>,
): Promise<void> {
  let ahead: Promise<Read> | undefined
  let dropped = Promise.resolve()
  const expire = (): void => {
    // An error can be ignored: the part is read again, which reports it.
    if (ahead !== undefined) dropped = ahead.then(drop, () => undefined)
    ahead = undefined
  }
  const iterator = parts[Symbol.iterator]()
  try {
    for (let part = iterator.next(); part.done !== true;) {
      await dropped
      const reading = ahead ?? read(part.value)
      ahead = undefined
      const found = await reading
      const next = iterator.next()
      ahead = next.done === true ? undefined : read(next.value)
      ahead?.catch(() => undefined)
      await work(part.value, found, expire)
      part = next
    }
  } finally {
    expire()
    await dropped
  }
}

/** Splits the items into parts, in order. @param size returns the most items of the next part */
export function* inParts<Item>(items: readonly Item[], size: () => number): Generator<readonly Item[]> {
  for (let from = 0, to = 0; from < items.length; from = to) {
    to = from + size()
    // Does not copy the items of a single part, which most batches are.
    yield from === 0 && to >= items.length ? items : items.slice(from, to)
  }
}
