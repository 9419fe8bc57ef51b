/** What may be logged of an error in the user's code, whose message may quote a record: its name, and where. */
export function originOf(error: unknown): { readonly error: string; readonly at?: string } {
  if (!(error instanceof Error)) return { error: typeof error }
  const frame = error.stack?.split('\n').find((line) => /^\s+at /.test(line))
  return { error: error.name, ...(frame !== undefined && { at: frame.trim().slice(3) }) }
}
