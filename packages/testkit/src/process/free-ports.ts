import getPort, { portNumbers } from 'get-port'

/**
 * Below the range from which systems take the ports of outgoing connections: a port that a stopped service has left
 * for a moment is not taken by a client before the service is back.
 */
const first = 20_000
const last = 32_000

/** Ports that nothing listens on, reserved for this process. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = []
  while (ports.length < count) {
    // Starting anywhere keeps processes apart that look for ports at the same time.
    const start = first + Math.floor(Math.random() * (last - first))
    ports.push(await getPort({ host: '127.0.0.1', port: portNumbers(start, last), reserve: true }))
  }
  return ports
}
