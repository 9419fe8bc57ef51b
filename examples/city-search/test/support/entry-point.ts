import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const example = fileURLToPath(new URL('../..', import.meta.url))

/** The command line `kt`, from source. */
export const kt = '../../packages/cli/src/main.ts'

export interface RunningEntryPoint {
  readonly pid: number
  /** All of its output so far. */
  output(): string
  /** Resolves when its output matches. Rejects if the process ends before that. */
  says(pattern: RegExp): Promise<RegExpExecArray>
  /** Resolves with its exit code. */
  ended(): Promise<number | null>
  /** Sends SIGTERM if it is still running. Resolves with its exit code. */
  stop(): Promise<number | null>
}

/** Runs a file in the example's folder in a process of its own, as its README describes. */
export function runEntryPoint(
  file: string,
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): RunningEntryPoint {
  const command = ['--conditions=@kt/source', '--import', 'tsx', file, ...args]
  const child = spawn(process.execPath, command, {
    cwd: example,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  const exited = once(child, 'close').then(([code]) => code as number | null)
  return {
    pid: child.pid ?? 0,
    output: () => output,
    says: async (pattern) => {
      for (;;) {
        const match = pattern.exec(output)
        if (match !== null) return match
        if (child.exitCode !== null)
          throw new Error(`${file} ended without saying ${String(pattern)}:\n${output}`)
        await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data'), exited])
      }
    },
    ended: () => exited,
    stop: async () => {
      child.kill('SIGTERM')
      return exited
    },
  }
}
