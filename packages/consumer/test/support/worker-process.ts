import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

export interface WorkerProcessOptions {
  readonly brokers: readonly string[]
  readonly topic: string
  readonly name: string
  readonly partition: number
}

/** Starts a worker in a process of its own, which a test can kill like a machine failure would. */
export async function startWorkerProcess(options: WorkerProcessOptions): Promise<{ kill(): Promise<void> }> {
  const file = new URL('worker-main.ts', import.meta.url).pathname
  const child = spawn(
    process.execPath,
    ['--conditions=@kt/source', '--import', 'tsx', file, JSON.stringify(options)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  // The worker prints one line when it has joined.
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  if (line !== 'joined') throw new Error(`the worker did not join: ${line}`)
  return {
    kill: async () => {
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
  }
}
