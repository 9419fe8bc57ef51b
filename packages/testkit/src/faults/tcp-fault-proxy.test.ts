import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { TcpFaultProxy } from './tcp-fault-proxy.ts'

let echo: Server
const served: Socket[] = []
beforeAll(async () => {
  echo = createServer((socket) => {
    served.push(socket)
    socket.on('error', () => undefined).pipe(socket)
  })
  echo.listen(0, '127.0.0.1')
  await once(echo, 'listening')
})
afterAll(() => new Promise((resolve) => echo.close(resolve)))

let proxy: TcpFaultProxy
beforeEach(async () => {
  const { port } = echo.address() as AddressInfo
  proxy = await TcpFaultProxy.start(() => `127.0.0.1:${port}`)
})
afterEach(async () => {
  await proxy.close()
  served.length = 0
})

function dial(): Socket {
  const [host = '', port] = proxy.address.split(':')
  return connect(Number(port), host)
}

/** Returns the answer to `text`, or how the connection ended, or that there was no answer. */
async function exchange(socket: Socket, text = 'hello', patienceMs = 300): Promise<string> {
  const answered = new Promise<string>((resolve) => {
    socket.once('data', (data) => resolve(data.toString()))
    socket.once('error', (error) => resolve((error as NodeJS.ErrnoException).code ?? ''))
    socket.once('end', () => resolve('end'))
  })
  socket.write(text)
  return Promise.race([answered, delay(patienceMs, 'silence')])
}

test('forwards data in both directions, and the ends of connections', async () => {
  const socket = dial()
  expect(await exchange(socket)).toBe('hello')
  socket.end()
  await once(socket, 'close')
  expect(await exchange(dial())).toBe('hello')
})

test('forwards large data unchanged', async () => {
  const socket = dial()
  const sent = Buffer.alloc(5_000_000, 'abcdefg')
  const received: Buffer[] = []
  socket.on('data', (data) => received.push(data))
  socket.end(sent)
  await once(socket, 'end')
  expect(Buffer.concat(received).equals(sent)).toBe(true)
})

test('resets open connections on both sides, and lets new ones through', async () => {
  const socket = dial()
  await exchange(socket)
  const [server] = served
  if (server === undefined) throw new Error('Nothing came to the server')
  const end = exchange(socket)
  const serverClosed = new Promise((resolve) => server.once('close', resolve))
  proxy.reset()
  expect(await end).toBe('ECONNRESET')
  await serverClosed
  expect(await exchange(dial())).toBe('hello')
})

test('refuses new connections until pass() is called', async () => {
  proxy.refuse()
  expect(['ECONNRESET', 'EPIPE']).toContain(await exchange(dial()))
  proxy.pass()
  expect(await exchange(dial())).toBe('hello')
})

test('a black hole forwards nothing and reports nothing, not even later', async () => {
  const before = dial()
  await exchange(before)
  proxy.blackHole()
  const during = dial()
  expect(await exchange(before)).toBe('silence')
  expect(await exchange(during)).toBe('silence')
  proxy.pass()
  expect(await exchange(before)).toBe('silence')
  expect(await exchange(during)).toBe('silence')
  expect(await exchange(dial())).toBe('hello')
  // Not even that the client has left.
  before.destroy()
  await delay(50)
  expect(served[0]?.readableEnded).toBe(false)
})

test('slows down both directions and keeps the order', async () => {
  const socket = dial()
  await exchange(socket)
  proxy.slow(100)
  const startedAt = performance.now()
  expect(await exchange(socket, 'late', 5_000)).toBe('late')
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(195)
  socket.write('a')
  await delay(20)
  proxy.slow(0)
  const rest: string[] = []
  socket.on('data', (data) => rest.push(data.toString()))
  socket.write('b')
  await expect.poll(() => rest.join('')).toBe('ab')
})

test('ends the connection if the server is gone', async () => {
  await using nowhere = await TcpFaultProxy.start(() => '127.0.0.1:1')
  const [host = '', port] = nowhere.address.split(':')
  expect(['ECONNRESET', 'EPIPE']).toContain(await exchange(connect(Number(port), host)))
})
