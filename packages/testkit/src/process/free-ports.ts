import getPort, { portNumbers } from 'get-port'
import { servicesUnavailable } from '../errors.ts'
import { waitFor } from '../wait-for.ts'

/**
 * Below the range from which systems take the ports of outgoing connections: a port that a stopped service has left
 * for a moment is not taken by a client before the service is back.
 */
const first = 20_000
const last = 32_000
const host = '127.0.0.1'

/** A port that nothing listens on, reserved for this process. */
export async function freePort(): Promise<number> {
  // Starting anywhere keeps processes apart that look for ports at the same time.
  const start = first + Math.floor(Math.random() * (last - first))
  return getPort({ host, port: portNumbers(start, last), reserve: true })
}

/** How long a server of a run that was killed just now may still have the port. */
const predecessorGraceMs = 10_000

/**
 * Resolves with the port that was asked for when nothing listens on it, or with a free one when none was.
 *
 * @throws KtError `KT_SERVICES_UNAVAILABLE` when something else listens there, and goes on doing so
 */
export async function claimPort(wanted: number | undefined): Promise<number> {
  if (wanted === undefined) return freePort()
  const isFree = async (): Promise<boolean> => (await getPort({ host, port: wanted })) === wanted
  await waitFor(isFree, { timeoutMs: predecessorGraceMs }).catch((error: unknown) => {
    throw servicesUnavailable(`Port ${wanted} is in use by another program.`, error)
  })
  return wanted
}
