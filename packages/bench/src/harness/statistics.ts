export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** Returns the value that a share of `q` of all values does not exceed. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN
}

/** Returns the rate per second if `count` took `ms`. */
export function perSecond(count: number, ms: number): number {
  return (count * 1_000) / ms
}
