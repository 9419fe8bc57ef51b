const numbers = new Intl.NumberFormat('en')

/** @param {number} value */
export const formatNumber = (value) => numbers.format(value)

/**
 * `14 ms`, `1.2 s`
 *
 * @param {number} ms
 */
export function formatDuration(ms) {
  return ms < 1_000 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1_000).toFixed(1)} s`
}

/**
 * Returns the median, or undefined if there are no values.
 *
 * @param {readonly number[]} values
 */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]]
  return low === undefined || high === undefined ? undefined : (low + high) / 2
}
