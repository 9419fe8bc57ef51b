/** `promise`, unless it takes longer than `limitMs`: then a rejection named `TimeoutError` that says what was awaited. */
export async function within<T>(limitMs: number, promise: Promise<T>, describe: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const error = new Error(`${describe()} within ${limitMs} ms`)
      error.name = 'TimeoutError'
      reject(error)
    }, limitMs)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
