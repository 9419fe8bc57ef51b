/** A turn of the event loop in which nothing else happened takes less. */
const idleTurnMs = 0.05

/** Resolves when the event loop finds nothing to do, at the latest after about `limitMs`. */
export function untilIdle(limitMs: number): Promise<void> {
  const startedAtMs = performance.now()
  let turnedAtMs = startedAtMs
  return new Promise((resolve) => {
    const turn = (): void => {
      const now = performance.now()
      if (now - turnedAtMs < idleTurnMs || now - startedAtMs >= limitMs) return resolve()
      turnedAtMs = now
      setImmediate(turn)
    }
    setImmediate(turn)
  })
}
