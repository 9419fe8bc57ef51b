import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from 'testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openProject } from './support/project.ts'
import type { Project, Running } from './support/project.ts'

let project: Project
beforeAll(async () => {
  project = await openProject(import.meta.url)
  await project.sql(`CREATE TABLE brands (id serial PRIMARY KEY, name text, "createdAt" timestamptz, "updatedAt" timestamptz);
    CREATE TABLE products (id serial PRIMARY KEY, name text, "brandId" int REFERENCES brands, "createdAt" timestamptz, "updatedAt" timestamptz);
    INSERT INTO products (name, "createdAt", "updatedAt") SELECT 'Product ' || i, now(), now() FROM generate_series(1, 100) i`)
})
afterAll(() => project[Symbol.asyncDispose]())

async function names(): Promise<readonly string[]> {
  const { elasticsearch } = project.scope
  await elasticsearch.indices.refresh({ index: project.alias })
  const { hits } = await elasticsearch.search({ index: project.alias, size: 200 })
  return hits.hits.map(({ _source }) => (_source as { readonly name: string }).name)
}

describe('from nothing', () => {
  test('an offline plan needs no services', async () => {
    const away = {
      KAFKA_BROKERS: '127.0.0.1:1',
      ELASTICSEARCH_URL: 'http://127.0.0.1:1',
      DATABASE_URL: 'postgres://127.0.0.1:1/x',
    }
    const { code, stdout } = await project.kt(['plan', '--offline'], away)
    expect(stdout).toContain(project.topicOf('products.dead-letter'))
    expect(code).toBe(0)
  })

  test('a plan shows what is missing, and --check tells scripts', async () => {
    const { code, stdout } = await project.kt(['plan', '--check'])
    expect(stdout).toMatch(/\+ +\S+\.products +3/u)
    expect(stdout).toContain('there is no index yet')
    expect(code).toBe(2)
  })

  test('apply creates it all, and then there is nothing to do', async () => {
    const { code, stdout } = await project.kt(['apply'])
    expect(stdout).toContain('100 documents compared with their records')
    expect(code).toBe(0)
    expect(await project.kt(['plan', '--check'])).toMatchObject({ code: 0 })
    expect(await names()).toHaveLength(100)
  })
})

describe('while workers run', () => {
  let port: number
  let workers: Running
  const get = async (path: string): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`)
  beforeAll(async () => {
    port = await freePort()
    workers = project.start(['run', '--port', String(port)])
    await project.scope.waitFor(async () => (await get('/readyz').catch(() => undefined))?.ok, {
      timeoutMs: 60_000,
    })
  })

  test('a write of the application is found', async () => {
    await project.write(
      `await Product.create({ name: 'Lamp', brandId: (await Brand.create({ name: 'B' })).id })`,
    )
    expect(await names()).toContain('Lamp')
  })

  test('status shows every group at work', async () => {
    const status = (await project.json(['status'])) as {
      readonly groups: readonly { readonly members: number }[]
    }
    expect(status.groups.map(({ members }) => members)).toEqual([1, 1, 1, 1])
    expect((await project.kt(['status'])).stdout).toContain('indexer')
  })

  test('metrics and health are served', async () => {
    const metrics = await (await get('/metrics')).text()
    expect(metrics).toMatch(/kt_indexer_records_total\{[^}]*\} \d/u)
    expect(metrics).toContain('kt_lag_messages')
    expect(await (await get('/livez')).json()).toEqual({ live: true })
  })

  test('verify finds damage and heals it, with exit codes', async () => {
    const { elasticsearch } = project.scope
    const [index = ''] = Object.keys(await elasticsearch.indices.getAlias({ name: project.alias }))
    await elasticsearch.delete({ index, id: '7' })
    await project.sql(`UPDATE products SET name = 'Changed by hand' WHERE id = 8`)
    const found = await project.kt(['verify'])
    expect(found).toMatchObject({ code: 2 })
    expect(found.stdout).toContain('1 missing, 1 stale')
    expect(await project.kt(['verify', project.alias, '--heal', '--ids', '7', '8'])).toMatchObject({
      code: 0,
    })
    expect(await project.kt(['verify'])).toMatchObject({ code: 0 })
  })

  test('replay indexes records that were changed past the streams', async () => {
    await project.sql(`UPDATE products SET name = 'Replayed' WHERE id = 9`)
    expect((await project.kt(['replay', 'product', '--where', '{"id":9}'])).stdout).toContain('1 records')
    await project.scope.waitFor(async () => (await names()).includes('Replayed'))
    const refused = await project.kt(['replay', 'product'])
    expect(refused).toMatchObject({ code: 1 })
    expect(refused.stderr).toContain('--since')
  })

  test('dead letters are listed, shown and put back', async () => {
    const topic = project.topicOf('products')
    await project.scope.send(topic, [{ key: 'x', value: 'no JSON' }])
    await project.scope.waitFor(async () => (await project.kt(['dead-letters', 'list'])).code === 2)
    const [letter] = (await project.json(['dead-letters', 'list'])) as readonly { readonly letter: string }[]
    const shown = await project.kt(['dead-letters', 'show', topic, letter?.letter ?? ''])
    expect(shown.stdout).toContain('no JSON')
    expect(
      (await project.kt(['dead-letters', 'redrive', '--topic', topic, '--code', 'KT_OTHER'])).stdout,
    ).toContain('0 were put back, 1 stay')
    expect((await project.kt(['dead-letters', 'redrive', '--topic', topic])).stdout).toContain(
      '1 were put back',
    )
  })

  test('a new version is built, rolled back and dropped', async () => {
    const next = { KT_TEST_VERSION: '2' }
    expect((await project.kt(['reindex', project.alias], next)).stdout).toContain('-2, ')
    expect((await project.kt(['reindex', project.alias, '--list'], next)).stdout).toMatch(/→ .*-2 +live/u)
    const back = await project.kt(['reindex', project.alias, '--rollback'])
    expect(back.stdout).toMatch(/back to \S+-1/u)
    expect((await project.kt(['reindex', project.alias, '--drop'])).stdout).toMatch(/drop/iu)
  })

  test('the doctor reports, with an exit code', async () => {
    const { code, stdout } = await project.kt(['doctor'])
    expect(stdout).toContain('ON DELETE SET NULL')
    expect(stdout).toContain('kt dead-letters list')
    expect(code).toBe(2)
  })

  test('SIGTERM ends the workers in order', async () => {
    workers.child.kill('SIGTERM')
    const { code, stderr } = await workers.ended
    expect(stderr).toContain('The workers have ended')
    expect(code).toBe(0)
    expect((await project.json(['status'])) as object).toMatchObject({ groups: [{ members: 0 }, {}, {}, {}] })
  })
})

test('workers that were killed lose nothing', async () => {
  const first = project.start(['run'])
  await project.scope.waitFor(() => first.log().includes('The workers have started'), { timeoutMs: 60_000 })
  first.child.kill('SIGKILL')
  await first.ended
  const second = project.start(['run'])
  await project.scope.waitFor(() => second.log().includes('The workers have started'), { timeoutMs: 60_000 })
  await project.write(`await Product.create({ name: 'After the kill' })`)
  expect(await names()).toContain('After the kill')
  second.child.kill('SIGTERM')
  expect(await second.ended).toMatchObject({ code: 0 })
})

test('a reader that has seen enough ends a command without an error', async () => {
  const { child, ended } = project.start(['plan', '--offline'])
  child.stdout?.destroy()
  expect(await ended).toMatchObject({ code: 0, stderr: '' })
  const watching = project.start(['status', '--watch', '--interval', '100'])
  watching.child.stdout?.destroy()
  expect(await watching.ended).toMatchObject({ code: 0, stderr: '' })
})

test.runIf(process.platform === 'linux')(
  'a worker was left behind when the npx that had started it was killed',
  async () => {
    const npx = project.startUnderShell(['run'], { npm_command: 'exec' })
    await project.scope.waitFor(() => npx.log().includes('The workers have started'), { timeoutMs: 60_000 })
    npx.child.kill('SIGKILL')
    expect((await npx.ended).stderr).toContain('The workers have ended')
  },
)

test('workers wait for Kafka, say so, and end at SIGTERM', async () => {
  const waiting = project.start(['run'], { KAFKA_BROKERS: '127.0.0.1:1' })
  await project.scope.waitFor(() => waiting.log().includes('could not start'), { timeoutMs: 60_000 })
  waiting.child.kill('SIGTERM')
  expect(await waiting.ended).toMatchObject({ code: 0 })
})

describe('a service that accepts connections and never answers is named', () => {
  let server: Server
  beforeAll(async () => {
    server = createServer(() => undefined).listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  afterAll(() => void server.close())

  test('Kafka, the search engine and the database', async () => {
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
    const kafka = { KAFKA_BROKERS: address }
    const search = { ELASTICSEARCH_URL: `http://${address}` }
    const database = { DATABASE_URL: `postgres://kt:kt@${address}/kt` }
    const [doctor, status, verify] = await Promise.all([
      project.kt(['doctor'], database),
      project.kt(['status'], kafka),
      project.kt(['verify'], search),
    ])
    expect(doctor.stdout).toContain('✖ database: It does not answer as it should')
    expect(doctor.stdout).not.toContain('✖ search engine')
    expect(status.stdout).toContain('✖ Kafka did not answer within 10 s')
    expect(verify.stderr).toContain('✖ The search engine did not answer within 10 s')
    expect([doctor, status, verify].map(({ code }) => code)).toEqual([2, 1, 1])
  })
})

describe('mistakes are explained without a stack trace', () => {
  const mistakes: readonly [string, readonly string[], string][] = [
    ['no configuration', ['plan', '--config', 'nowhere.ts'], 'There is no configuration "nowhere.ts"'],
    ['an unknown index', ['reindex', 'nothing'], 'No index is named "nothing"'],
    ['an unknown model', ['replay', 'Nothing', '--all'], 'There are brand, product'],
    ['an unknown command', ['aply'], 'Did you mean apply?'],
    ['a rate that is no number', ['verify', '--rate', 'fast'], 'It must be a whole number'],
  ]
  test.each(mistakes)('%s', async (_, args, expected) => {
    const { code, stderr } = await project.kt(args)
    expect(stderr).toContain(expected)
    expect(stderr).not.toMatch(/^ +at /mu)
    expect(code).toBe(1)
  })
})

test('init writes a project that can be planned', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kt-init-'))
  try {
    await writeFile(join(folder, 'package.json'), '{"type":"module"}')
    const { code, stdout } = await project.kt(['init', '--model', 'Article'], {}, folder)
    expect(code).toBe(0)
    expect(stdout).toContain('npm install @kt/sync')
    expect((await readdir(folder)).toSorted()).toEqual([
      'compose.kt.yaml',
      'kt.config.js',
      'kt.worker.js',
      'package.json',
    ])
    expect(await readFile(join(folder, 'kt.config.js'), 'utf8')).toContain('modelIndex(Article')
    expect(await project.kt(['init'], {}, folder)).toMatchObject({ code: 1 })
  } finally {
    await rm(folder, { recursive: true })
  }
})
