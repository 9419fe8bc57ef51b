const format = /^(?:\d{4}|[+-]\d{6})-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/** The time in ISO 8601; the epoch if it can't be a time: a producer may set any timestamp. */
export function toIsoTime(ms: number): string {
  const time = new Date(ms)
  return (Number.isNaN(time.getTime()) ? new Date(0) : time).toISOString()
}

/** Whether {@link toIsoTime} may have written it. */
export function isIsoTime(text: unknown): text is string {
  return typeof text === 'string' && format.test(text) && !Number.isNaN(Date.parse(text))
}
