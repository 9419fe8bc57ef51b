import type { TestScope } from 'testkit'
import type { Addresses } from './addresses.ts'
import type { Tasks } from './tasks.ts'

/**
 * Runs a task in a process of its own, with nothing else in its memory and nothing else to do.
 *
 * @param nodeOptions additional options for this process
 */
export type RunTask = <Name extends keyof Tasks>(
  name: Name,
  input: Parameters<Tasks[Name]>[0],
  nodeOptions?: readonly string[],
) => Promise<Awaited<ReturnType<Tasks[Name]>>>

/** Starts a task that works until it is stopped. Resolves when it is ready. Disposing of it stops it. */
export type StartWorker = <Name extends keyof Tasks>(
  name: Name,
  input: Parameters<Tasks[Name]>[0],
) => Promise<AsyncDisposable>

type TaskCall<Name extends keyof Tasks> = readonly [
  name: Name,
  input: Parameters<Tasks[Name]>[0],
  nodeOptions?: readonly string[],
]

/** Runs tasks in processes of their own. Their passes take turns, so that only one works at a time. */
export type TakeTurns = <Names extends readonly (keyof Tasks)[]>(
  ...calls: { readonly [At in keyof Names]: TaskCall<Names[At]> }
) => Promise<{ readonly [At in keyof Names]: Awaited<ReturnType<Tasks[Names[At]]>> }>

/** Everything a benchmark works with. */
export interface Stage {
  /** Provides topics, indexes and a database of its own. */
  readonly scope: TestScope
  readonly addresses: Addresses
  readonly runs: number
  /** Whether a case is requested. Cases that are measured together can't be separated. */
  readonly wants: (caseName: string) => boolean
  readonly task: RunTask
  readonly inTurns: TakeTurns
  readonly worker: StartWorker
  readonly progress: (text: string) => void
}
