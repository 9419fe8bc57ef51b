import { inspect } from 'node:util'
import type { TaskReport } from './run-task.ts'
import { tasks } from './tasks.ts'

// The process of one task, whose name and input are its arguments.

const [name = '', input = 'null'] = process.argv.slice(2)
const task = tasks[name as keyof typeof tasks] as (input: unknown) => Promise<unknown>
try {
  report({ result: await task(JSON.parse(input)) })
} catch (error) {
  report({ error: inspect(error) })
}

function report(message: TaskReport): void {
  process.send?.(message, undefined, undefined, () => process.exit())
}
