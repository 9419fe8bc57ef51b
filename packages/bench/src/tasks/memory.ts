const megabyte = 2 ** 20

/** The resident memory of this process, garbage left out as far as that can be. */
export function rssMb(): number {
  globalThis.gc?.()
  return process.memoryUsage.rss() / megabyte
}
