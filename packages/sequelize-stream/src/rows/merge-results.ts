/**
 * Merges the results of two statements as if one had run: adds counts, joins rows, and merges both parts of a pair of
 * rows and their count.
 */
export function mergeResults(one: unknown, other: unknown): unknown {
  if (typeof one === 'number' && typeof other === 'number') return one + other
  if (!Array.isArray(one) || !Array.isArray(other)) return other
  const left: readonly unknown[] = one
  const right: readonly unknown[] = other
  const isPair = left.length === 2 && right.length === 2 && typeof right[1] === 'number'
  return isPair ? [mergeResults(left[0], right[0]), mergeResults(left[1], right[1])] : [...left, ...right]
}
