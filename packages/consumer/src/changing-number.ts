/**
 * A number that is asked for whenever it is reckoned with or written. kafkajs takes how long a fetch may wait once and
 * for all, but looks at it before each.
 */
export function changingNumber(current: () => number): number {
  return { valueOf: current } as unknown as number
}
