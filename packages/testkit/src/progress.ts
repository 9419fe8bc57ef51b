/** Receives progress messages while services are installed and started, one short line at a time. */
export type Progress = (text: string) => void

export const silentProgress: Progress = () => undefined

/** Writes each line to standard error, so that standard output stays free for the command's results. */
export const stderrProgress: Progress = (text) => void process.stderr.write(`${text}\n`)
