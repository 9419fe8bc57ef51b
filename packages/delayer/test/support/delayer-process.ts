import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface DelayerProcessOptions {
  readonly brokers: readonly string[]
  readonly topic: string
  readonly delayMs: number
}

/** Starts a Delayer in a process of its own, which a test can kill like a machine failure would. */
export async function startDelayerProcess(options: DelayerProcessOptions): Promise<() => Promise<void>> {
  const file = fileURLToPath(new URL('delayer-main.ts', import.meta.url))
  const child = spawn(
    process.execPath,
    ['--conditions=@kt/source', '--import', 'tsx', file, JSON.stringify(options)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  // It prints one line when it has joined.
  await once(createInterface(child.stdout), 'line')
  return async () => {
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
}
