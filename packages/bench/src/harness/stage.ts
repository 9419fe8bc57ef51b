import type { TestScope } from 'testkit'
import type { Addresses } from './addresses.ts'
import type { Tasks } from './tasks.ts'

/**
 * Runs a task in a process of its own, which has nothing else in its memory and nothing else to do.
 *
 * @param nodeOptions of that process, besides those that all have
 */
export type RunTask = <Name extends keyof Tasks>(
  name: Name,
  input: Parameters<Tasks[Name]>[0],
  nodeOptions?: readonly string[],
) => Promise<Awaited<ReturnType<Tasks[Name]>>>

/** Starts a task that works until it is told to stop. Resolves when it is ready; disposing of it stops it. */
export type StartWorker = <Name extends keyof Tasks>(
  name: Name,
  input: Parameters<Tasks[Name]>[0],
) => Promise<AsyncDisposable>

type TaskCall<Name extends keyof Tasks> = readonly [
  name: Name,
  input: Parameters<Tasks[Name]>[0],
  nodeOptions?: readonly string[],
]

/** Runs tasks, each in a process of its own, whose passes are done in turns: only one is at work at a time. */
export type TakeTurns = <Names extends readonly (keyof Tasks)[]>(
  ...calls: { readonly [At in keyof Names]: TaskCall<Names[At]> }
) => Promise<{ readonly [At in keyof Names]: Awaited<ReturnType<Tasks[Names[At]]>> }>

/** What a benchmark works with. */
export interface Stage {
  /** Topics, indexes and a database of its own. */
  readonly scope: TestScope
  readonly addresses: Addresses
  readonly runs: number
  /** Whether a case is asked for; where cases are measured together they can't be told apart. */
  readonly wants: (caseName: string) => boolean
  readonly task: RunTask
  readonly inTurns: TakeTurns
  readonly worker: StartWorker
  readonly progress: (text: string) => void
}
