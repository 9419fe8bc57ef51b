export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** The value that a share of `q` of all does not exceed. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN
}

/** How many there are in a second, when `count` took `ms`. */
export function perSecond(count: number, ms: number): number {
  return (count * 1_000) / ms
}
