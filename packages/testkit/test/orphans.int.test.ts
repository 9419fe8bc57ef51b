import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { PostgresServer, waitFor } from 'testkit'
import { expect, onTestFinished, test } from 'vitest'

const fixture = fileURLToPath(new URL('support/start-and-wait.ts', import.meta.url))

const rudeEnds = [
  { signal: 'SIGKILL', args: ['--kafka'] },
  { signal: 'SIGINT', args: [] },
] as const

for (const { signal, args } of rudeEnds) {
  test(`a process ended by ${signal} leaves no servers and no data, not even of paused servers`, async () => {
    const folder = await temporaryFolder()
    const nodeArgs = ['--conditions=@kt/source', '--import', 'tsx', fixture, ...args]
    const env = { ...process.env, TMPDIR: folder }
    const parent = spawn(process.execPath, nodeArgs, { env, stdio: ['ignore', 'pipe', 'inherit'] })
    onTestFinished(async () => {
      parent.kill('SIGKILL')
      await rm(folder, { recursive: true })
    })
    await once(parent.stdout, 'data')
    expect(await dataFoldersIn(folder)).toHaveLength(1 + args.length)
    expect(await processesOf(folder)).not.toEqual([])

    parent.kill(signal)
    await once(parent, 'exit')
    await waitFor(async () => (await processesOf(folder)).length === 0, { what: 'The end of all servers' })
    await waitFor(async () => (await dataFoldersIn(folder)).length === 0, { what: 'The removal of all data' })
  })
}

test('close leaves no servers and no data, and may be called again', async () => {
  const before = await dataFoldersIn(tmpdir())
  const server = new PostgresServer()
  await server.start()
  const [folder = 'none'] = (await dataFoldersIn(tmpdir())).filter((name) => !before.includes(name))
  expect(await processesOf(folder)).not.toEqual([])
  server.pause()
  await server.close()
  await server.close()
  await waitFor(async () => (await processesOf(folder)).length === 0, { what: 'The end of the server' })
  expect(await dataFoldersIn(tmpdir())).not.toContain(folder)
  await expect(server.start()).rejects.toMatchObject({ code: 'KT_CLOSED' })
})

async function dataFoldersIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => /^kt-(?:postgresql|kafka)-/.test(name))
}

/** Returns the command lines that contain the folder: those of servers and of their watchdogs. */
async function processesOf(folder: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'args='])
  return stdout.split('\n').filter((line) => line.includes(folder))
}

/** PostgreSQL, started by root, runs as another user, who must be able to enter the folder. */
async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kt-orphans-'))
  await chmod(folder, 0o755)
  return folder
}
