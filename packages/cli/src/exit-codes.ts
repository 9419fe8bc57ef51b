/** What the exit codes mean, for scripts. */
export const exitCodes = {
  /** Done, and nothing was found. */
  ok: 0,
  /** The command could not do its work. */
  failed: 1,
  /** It did its work, and found something: differences, problems, or with `--check` changes. */
  found: 2,
  /** Ended by Ctrl-C. */
  interrupted: 130,
} as const
