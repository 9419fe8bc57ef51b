import getPort, { portNumbers } from 'get-port'
import { servicesUnavailable } from '../errors.ts'
import { waitFor } from '../wait-for.ts'

/**
 * Below the range that systems use for outgoing connections. Otherwise a client could take the port of a service that
 * is stopped only for a moment.
 */
const first = 20_000
const last = 32_000
const host = '127.0.0.1'

/** Returns a port that nothing listens on, and reserves it for this process. */
export async function freePort(): Promise<number> {
  // A random start keeps concurrent processes apart.
  const start = first + Math.floor(Math.random() * (last - first))
  return getPort({ host, port: portNumbers(start, last), reserve: true })
}

/** How long the server of a run that was just killed may still occupy the port. */
const predecessorGraceMs = 10_000

/**
 * Resolves with the requested port if nothing listens on it, or with a free one if none was requested.
 *
 * @throws UnavailableError if something else keeps listening there
 */
export async function claimPort(wanted: number | undefined): Promise<number> {
  if (wanted === undefined) return freePort()
  const isFree = async (): Promise<boolean> => (await getPort({ host, port: wanted })) === wanted
  await waitFor(isFree, { timeoutMs: predecessorGraceMs }).catch((error: unknown) => {
    throw servicesUnavailable(`Port ${wanted} is in use by another program.`, error)
  })
  return wanted
}
