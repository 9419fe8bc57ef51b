import { readFileSync } from 'node:fs'

const lineagePollMs = 500

/**
 * Resolves at SIGTERM or Ctrl-C. A second one ends the process at once. npm and npx end without passing signals on, which
 * shows in another parent, or in another parent of the shell between them and this process.
 *
 * @param released fires when nobody waits any more
 */
export function untilInterrupted(released?: AbortSignal): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const names = ['SIGTERM', 'SIGINT'] as const
    const isOfNpm = process.env['npm_command'] !== undefined
    const before = lineage()
    const watch = setInterval(() => isOfNpm && lineage() !== before && end('SIGTERM'), lineagePollMs).unref()
    const release = (): void => {
      clearInterval(watch)
      for (const name of names) process.off(name, end)
    }
    const end = (signal: NodeJS.Signals): void => {
      release()
      resolve(signal)
    }
    for (const name of names) process.on(name, end)
    released?.addEventListener('abort', release, { once: true })
  })
}

/** The parent of this process, and on Linux the parent of that. */
function lineage(): string {
  const { ppid } = process
  try {
    const [, afterName = ''] = readFileSync(`/proc/${ppid}/stat`, 'utf8').split(') ')
    return `${ppid} ${afterName.split(' ')[1]}`
  } catch {
    return String(ppid)
  }
}
