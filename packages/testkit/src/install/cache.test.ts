import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { cachedFolder } from './cache.ts'

let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kt-cache-'))
  vi.stubEnv('KT_CACHE_DIR', root)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(root, { recursive: true })
})

const fill = async (folder: string): Promise<void> => writeFile(join(folder, 'file'), 'content')

test('builds a folder once, even for concurrent callers', async () => {
  const build = vi.fn<typeof fill>(fill)
  const [one, two] = await Promise.all([cachedFolder('once', build), cachedFolder('once', build)])
  expect(build).toHaveBeenCalledOnce()
  expect(one).toBe(join(root, 'once'))
  expect(two).toBe(one)
  expect(await readFile(join(one, 'file'), 'utf8')).toBe('content')
})

test('a failed build leaves nothing, and the next call tries again', async () => {
  const failing = cachedFolder('failing', async (folder) => {
    await fill(folder)
    throw new Error('no network')
  })
  await expect(failing).rejects.toThrow('no network')
  expect(await readdir(root)).toEqual([])
  expect(await readdir(await cachedFolder('failing', fill))).toEqual(['file'])
})

test('uses the folder of another process that was faster', async () => {
  const folder = await cachedFolder('race', async () => {
    await writeFile(join(root, 'race'), 'of the other process')
  })
  expect(await readFile(folder, 'utf8')).toBe('of the other process')
})
