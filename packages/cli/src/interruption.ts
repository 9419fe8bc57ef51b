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

/** The parent of this process, and on Linux, if that is a shell, the parent of the shell. */
function lineage(): string {
  const { ppid } = process
  try {
    const stat = readFileSync(`/proc/${ppid}/stat`, 'utf8')
    const [, grandparent = ''] = /^\d+ \((?:sh|dash|bash|ash|busybox)\) \S (\d+)/u.exec(stat) ?? []
    return `${ppid} ${grandparent}`
  } catch {
    return String(ppid)
  }
}
