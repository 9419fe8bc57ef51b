import { spawn } from 'node:child_process'

export interface NodeRun {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly signal: AbortSignal
  readonly timeoutMs: number
}

/** How a process ended. */
export interface NodeResult {
  readonly ended: string
  readonly ok: boolean
  readonly output: string
}

/** Runs Node to its end. Kills it and its children if it takes too long or the signal fires. */
export async function runNode(
  node: string,
  args: readonly string[],
  { cwd, env, signal, timeoutMs }: NodeRun,
): Promise<NodeResult> {
  // The leader of its own process group, so that its children can be killed too.
  const child = spawn(node, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let output = ''
  let stopped: string | undefined
  const collect = (chunk: string): void => void (output += chunk)
  child.stdout.setEncoding('utf8').on('data', collect)
  child.stderr.setEncoding('utf8').on('data', collect)
  const stop = (why: string): void => {
    stopped ??= why
    killGroup(child.pid)
  }
  const interrupt = (): void => stop('interrupted')
  const timer = setTimeout(() => stop(`it did not end within ${timeoutMs / 1_000} s`), timeoutMs)
  signal.addEventListener('abort', interrupt)
  if (signal.aborted) interrupt()
  const closed = new Promise<void>((resolve) => void child.once('close', () => resolve()))
  try {
    const ended = await new Promise<string | number>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code, killedBy) => resolve(code ?? killedBy ?? 'unknown'))
    })
    // Its children must not outlive it or keep its output open.
    killGroup(child.pid)
    await closed
    return { ended: stopped ?? String(ended), ok: ended === 0 && stopped === undefined, output }
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', interrupt)
  }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
