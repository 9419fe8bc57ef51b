import { inspect } from 'node:util'
import type { TaskOrder, TaskReport } from './run-task.ts'
import type { TaskControl } from './task-control.ts'
import { tasks } from './tasks.ts'

// The process of one task. Its arguments are the task's name and input.

const [name = '', input = 'null'] = process.argv.slice(2)
const task = tasks[name as keyof typeof tasks] as (input: unknown, control: TaskControl) => Promise<unknown>
const stopping = new AbortController()
let go = (): void => undefined
process.on('message', (order: TaskOrder) => (order === 'go' ? go() : stopping.abort()))
// The parent is gone, so nobody receives the result.
process.once('disconnect', () => process.exit(1))
try {
  const control = { ready: () => report({ ready: true }), turn, signal: stopping.signal }
  // JSON has no undefined and would omit the result.
  end({ result: (await task(JSON.parse(input), control)) ?? null })
} catch (error) {
  end({ error: inspect(error) })
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    go = resolve
    report({ waiting: true })
  })
}

function report(message: TaskReport, then?: () => void): void {
  process.send?.(message, undefined, undefined, then)
}

function end(message: TaskReport): void {
  report(message, () => process.exit())
}
