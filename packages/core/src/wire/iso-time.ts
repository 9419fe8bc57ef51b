const format = /^(?:\d{4}|[+-]\d{6})-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/** Formats a time in ISO 8601. An invalid time becomes the epoch, because a producer may set any timestamp. */
export function toIsoTime(ms: number): string {
  const time = new Date(ms)
  return (Number.isNaN(time.getTime()) ? new Date(0) : time).toISOString()
}

/** Whether {@link toIsoTime} may have formatted the text. */
export function isIsoTime(text: unknown): text is string {
  return typeof text === 'string' && format.test(text) && !Number.isNaN(Date.parse(text))
}
