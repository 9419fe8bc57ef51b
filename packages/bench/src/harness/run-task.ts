import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { RunTask, StartWorker, TakeTurns } from './stage.ts'
import { Turns } from './turns.ts'

/** Tasks run as plain JavaScript. A TypeScript loader takes 70 MB, which would be measured too. */
const main = fileURLToPath(new URL('../../dist/harness/task-main.js', import.meta.url))

export interface RunTaskOptions {
  /** The folder for a CPU profile of each process. @defaultValue none is written */
  readonly profile?: string
  /** Ends running processes and starts no more. */
  readonly signal: AbortSignal
}

/** Messages from a process: it is ready, it waits for its turn, or it has ended. */
export type TaskReport =
  | { readonly ready: true }
  | { readonly waiting: true }
  | { readonly result: unknown }
  | { readonly error: string }

/** Messages to a process. */
export type TaskOrder = 'go' | 'stop'

export function taskRunner(options: RunTaskOptions): RunTask {
  return async (name, input, nodeOptions) =>
    (await start(options, name, input, { nodeOptions }).result) as never
}

export function turnTaker(options: RunTaskOptions): TakeTurns {
  return async (...calls) => {
    const turns = new Turns(calls.length)
    const run = async ([name, input, nodeOptions]: (typeof calls)[number], who: number): Promise<unknown> => {
      try {
        return await start(options, name, input, { nodeOptions, onWaiting: (go) => turns.ask(who, go) })
          .result
      } finally {
        turns.leave(who)
      }
    }
    const running = calls.map(run)
    // Wait for all, even if one fails, so that no task runs during the next measurement.
    await Promise.allSettled(running)
    return (await Promise.all(running)) as never
  }
}

export function workerStarter(options: RunTaskOptions): StartWorker {
  return async (name, input) => {
    const { child, ready, result } = start(options, name, input)
    const ended = result.then(() => Promise.reject(new Error(`"${name}" ended by itself`)))
    // The failure is also reported to the code that disposes of the worker.
    ended.catch(() => undefined)
    await Promise.race([ready, ended])
    return {
      [Symbol.asyncDispose]: async () => {
        if (child.connected) tell(child, 'stop')
        await result
      },
    }
  }
}

interface RunningTask {
  readonly child: ChildProcess
  readonly ready: Promise<void>
  readonly result: Promise<unknown>
}

interface StartOptions {
  readonly nodeOptions?: readonly string[] | undefined
  /** Receives a function that starts the process's next turn. @defaultValue it need not wait */
  readonly onWaiting?: (go: () => void) => void
}

function start(
  { profile, signal }: RunTaskOptions,
  name: string,
  input: unknown,
  { nodeOptions = [], onWaiting = (go) => go() }: StartOptions = {},
): RunningTask {
  const profiling = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]
  const execArgv = ['--expose-gc', ...profiling, ...nodeOptions]
  const child = fork(main, [name, JSON.stringify(input)], { execArgv, signal })
  let tellReady: () => void
  const ready = new Promise<void>((resolve) => (tellReady = resolve))
  const result = new Promise<unknown>((resolve, reject) => {
    let report: TaskReport | undefined
    child.on('message', (message) => {
      report = message as TaskReport
      if ('ready' in report) tellReady()
      if ('waiting' in report) onWaiting(() => tell(child, 'go'))
    })
    child.once('error', reject)
    child.once('exit', (code, endedBy) => {
      if (report !== undefined && 'result' in report) resolve(report.result)
      else reject(new Error(`"${name}" failed: ${reason(report) ?? `it ended with ${endedBy ?? code}`}`))
    })
  })
  return { child, ready, result }
}

function tell(child: ChildProcess, order: TaskOrder): void {
  child.send(order)
}

function reason(report: TaskReport | undefined): string | undefined {
  return report !== undefined && 'error' in report ? report.error : undefined
}
