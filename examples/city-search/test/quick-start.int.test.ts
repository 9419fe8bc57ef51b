import { execFile, spawn } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createTestScope } from 'testkit'
import type { TestScope } from 'testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'

const readme = new URL('../../../README.md', import.meta.url)
// Here the packages are found, and the TypeScript of the README is loaded as that of the packages is.
const folder = fileURLToPath(new URL('../.quick-start/', import.meta.url))
const fromSource = ['--conditions=@kt/source', '--import', 'tsx']

let scope: TestScope
let env: NodeJS.ProcessEnv

beforeAll(async () => {
  scope = await createTestScope(import.meta.url)
  const { databaseUrl, elasticsearchUrl } = scope
  env = { ...process.env, KAFKA: scope.brokers[0], ELASTICSEARCH: elasticsearchUrl, DATABASE: databaseUrl }
  await mkdir(folder, { recursive: true })
  const text = await readFile(readme, 'utf8')
  for (const [, name = '', code = ''] of text.matchAll(/^```ts\n\/\/ ([\w-]+\.ts)\n(.*?)^```/gms))
    await writeFile(join(folder, name), code)
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
  await scope.elasticsearch.indices.delete({ index: 'products', ignore_unavailable: true })
  const admin = scope.kafka().admin()
  await admin.connect()
  const topics = ['products', 'products.dead-letter', 'delay_5m', 'delay_5m.dead-letter']
  await admin.deleteTopics({ topics })
  await admin.disconnect()
  await scope.close()
})

function run(name: string): Promise<unknown> {
  return promisify(execFile)(process.execPath, [...fromSource, name], { cwd: folder, env, timeout: 60_000 })
}

it('the quick start of the README runs as it is pasted, and its worker ends on SIGTERM', async () => {
  await run('setup.ts')
  const worker = spawn(process.execPath, [...fromSource, 'worker.ts'], { cwd: folder, env, stdio: 'inherit' })
  const ended = new Promise<unknown>((resolve) =>
    worker.once('exit', (code, signal) => resolve(code ?? signal)),
  )
  await run('application.ts')
  await scope.waitFor(
    async () => {
      await scope.elasticsearch.indices.refresh({ index: 'products' })
      const { hits } = await scope.elasticsearch.search({ index: 'products', q: 'name:lamp' })
      return hits.hits.length === 1
    },
    { what: 'The lamp in the index' },
  )
  worker.kill('SIGTERM')
  expect(await ended).toBe(0)
})
