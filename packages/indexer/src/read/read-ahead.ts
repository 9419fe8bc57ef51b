/** How parts are read and worked on. */
export interface ReadAheadSteps<Part, Read> {
  readonly read: (part: Part) => Promise<Read>
  /** @param expire to be called when it takes longer than usual: what is read meanwhile is old then, and read again */
  readonly work: (part: Part, read: Read, expire: () => void) => Promise<void>
  /** Gets what was read but will not be worked on. */
  readonly drop: (read: Read) => void
}

/** Works on the parts in their order, and reads each while the one before it is worked on. */
export async function readAhead<Part, Read>(
  parts: Iterable<Part>,
  { read, work, drop }: ReadAheadSteps<Part, Read>,
): Promise<void> {
  let ahead: Promise<Read> | undefined
  let dropped = Promise.resolve()
  const expire = (): void => {
    // Whoever reads again hears of a failure.
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

/** The items in order. @param size how many the next part has at most; asked for each */
export function* inParts<Item>(items: readonly Item[], size: () => number): Generator<readonly Item[]> {
  for (let from = 0, to = 0; from < items.length; from = to) {
    to = from + size()
    // Most batches are one part, which needs no copy.
    yield from === 0 && to >= items.length ? items : items.slice(from, to)
  }
}
