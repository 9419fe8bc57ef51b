const parentPollMs = 500

/**
 * Resolves at SIGTERM or Ctrl-C. A second one ends the process at once. npm and npx end at SIGTERM without passing it on,
 * which shows in another parent.
 *
 * @param released fires when nobody waits any more
 */
export function untilInterrupted(released?: AbortSignal): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const names = ['SIGTERM', 'SIGINT'] as const
    const parent = process.ppid
    const isOfNpm = process.env['npm_command'] !== undefined
    const watch = setInterval(
      () => isOfNpm && process.ppid !== parent && end('SIGTERM'),
      parentPollMs,
    ).unref()
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
