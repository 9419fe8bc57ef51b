const megabyte = 2 ** 20

/** Returns the resident memory of this process, without garbage as far as possible. */
export function rssMb(): number {
  globalThis.gc?.()
  return process.memoryUsage.rss() / megabyte
}
