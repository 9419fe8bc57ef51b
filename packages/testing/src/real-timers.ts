// Taken when this module is loaded, so that a test may replace the global timers by fake ones later.
const { setImmediate, setTimeout, clearTimeout } = globalThis

/** Resolves in the next turn of the event loop, after all promises that are settled by now have been followed up. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

/** Calls `late` after `ms`, unless the returned function is called before. */
export function startTimeout(ms: number, late: () => void): () => void {
  const timer = setTimeout(late, Math.min(ms, 2 ** 31 - 1))
  return () => clearTimeout(timer)
}
