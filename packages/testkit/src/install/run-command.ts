import { spawn } from 'node:child_process'

export interface RunCommandOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  readonly uid?: number
  readonly gid?: number
  readonly signal?: AbortSignal | undefined
  /** Called for each line of output, from both streams. */
  readonly onLine?: (line: string) => void
}

const tailLines = 30

/** Runs a command to its end. Resolves with its output, and rejects with the last lines of it. */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: RunCommandOptions = {},
): Promise<string> {
  const { onLine, ...spawnOptions } = options
  const child = spawn(command, args, { ...spawnOptions, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let pending = ''
  const collect = (chunk: string): void => {
    output += chunk
    const lines = (pending + chunk).split('\n')
    pending = lines.pop() ?? ''
    for (const line of lines) onLine?.(line)
  }
  child.stdout.setEncoding('utf8').on('data', collect)
  child.stderr.setEncoding('utf8').on('data', collect)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve)
  })
  if (code === 0) return output
  const tail = output.trimEnd().split('\n').slice(-tailLines).join('\n')
  throw new Error(`${command} failed with exit code ${code}:\n${tail}`)
}
