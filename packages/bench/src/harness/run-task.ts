import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { RunTask } from './stage.ts'

const main = fileURLToPath(new URL('./task-main.ts', import.meta.url))

export interface RunTaskOptions {
  /** The folder for a CPU profile of each process. @defaultValue none is written */
  readonly profile?: string
}

/** What a process says when it is done. */
export type TaskReport = { readonly result: unknown } | { readonly error: string }

export function taskRunner({ profile }: RunTaskOptions): RunTask {
  const profiling = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]
  return (name, input) =>
    new Promise((resolve, reject) => {
      const execArgv = ['--expose-gc', ...profiling, '--import', 'tsx']
      // From here `tsx` is found whatever the working directory is.
      const cwd = fileURLToPath(new URL('.', import.meta.url))
      const child = fork(main, [name, JSON.stringify(input)], { cwd, execArgv })
      let report: TaskReport | undefined
      child.on('message', (message) => {
        report = message as TaskReport
      })
      child.once('error', reject)
      child.once('exit', (code, signal) => {
        if (report !== undefined && 'result' in report) resolve(report.result as never)
        else reject(new Error(`"${name}" failed: ${report?.error ?? `it ended with ${signal ?? code}`}`))
      })
    })
}
