/**
 * Whether a value is an error of any realm. Test runners such as Jest run modules in their own realm, where Node's
 * errors are no `instanceof Error`.
 */
export function isError(value: unknown): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]'
}

/**
 * The error and its causes, outermost first, five at most. kafkajs wraps the broker's error in up to two of its own.
 */
export function causesOf(
  error: unknown,
): readonly (Error & { readonly code?: unknown; readonly type?: unknown })[] {
  const chain: Error[] = []
  for (let each = error; isError(each) && chain.length < 5; each = each.cause) chain.push(each)
  return chain
}
