import { once } from 'node:events'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Fires at the first Ctrl-C or SIGTERM, which request an orderly end. The second one ends the process at once. */
export function interruption(): AbortSignal {
  const interrupted = new AbortController()
  for (const signal of signals) {
    process.on(signal, () => {
      if (interrupted.signal.aborted) process.exit(130)
      interrupted.abort(new Error(`Interrupted by ${signal}`))
    })
  }
  return interrupted.signal
}

/** Resolves at the first Ctrl-C or SIGTERM. */
export async function untilInterrupted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  // An event listener alone does not keep a process alive.
  const keepAlive = setInterval(() => undefined, 2 ** 30)
  await once(signal, 'abort')
  clearInterval(keepAlive)
}
