import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger } from '@kt/core'
import type { Role } from '@kt/sync'
import { createTestScope, waitFor } from 'testkit'
import type { TestScope } from 'testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ClosingStack } from '../src/run/closing-stack.ts'
import { descendantsOf, runs } from './support/descendants.ts'
import { kt, runEntryPoint } from './support/entry-point.ts'
import type { RunningEntryPoint } from './support/entry-point.ts'
import { environmentOf, openExample } from './support/open-example.ts'
import { requester } from './support/request.ts'
import { smallCities } from './support/small-data.ts'

const workers: readonly Role[] = ['indexer', 'delayer', 'cascades']

describe('the workers, each in a process of its own', () => {
  const opened = new ClosingStack(silentLogger)
  const running: RunningEntryPoint[] = []
  let scope: TestScope

  beforeAll(async () => {
    scope = opened.add(await createTestScope(import.meta.url))
  })
  afterAll(async () => {
    await Promise.all(running.map((each) => each.stop()))
    await opened.close()
  })

  it('work together as in one process, and shut down properly on SIGTERM', async () => {
    const env = environmentOf(scope)
    expect(await runEntryPoint('src/setup.ts', env).ended()).toBe(0)
    expect(await runEntryPoint(kt, env, ['apply']).ended()).toBe(0)
    for (const role of workers) running.push(runEntryPoint(kt, env, ['run', role]))
    await Promise.all(running.map((each) => each.says(/The workers have started/)))
    const page = runEntryPoint('src/page.ts', env)
    running.push(page)
    const [, url = ''] = await page.says(/running at (\S+)\n/)
    const ask = requester(url)

    // This process is the fifth, and it writes.
    const { City, loadCountries, newSync } = await openExample(env)
    const sync = newSync()
    opened.add({ close: () => sync.shutdown() })
    await loadCountries()
    await sync.start()
    await City.bulkCreate([...smallCities])
    await scope.waitFor(async () => (await ask('GET', '/cities')).total === smallCities.length)
    await ask('PATCH', '/countries/CH', { name: 'Suisse' })
    await scope.waitFor(async () => {
      const { cities } = await ask('GET', '/cities?country=CH')
      return cities?.every(({ countryName }) => countryName === 'Suisse')
    })

    expect(await Promise.all(running.map((each) => each.stop()))).toEqual(running.map(() => 0))
  })

  it('report which setting is missing', async () => {
    const indexer = runEntryPoint(kt, { ...environmentOf(scope), KT_KAFKA_BROKERS: '' }, ['run', 'indexer'])
    expect(await indexer.ended()).toBe(1)
    expect(indexer.output()).toContain('KT_KAFKA_BROKERS: must be set')
  })
})

describe('everything in one process', () => {
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kt-city-search-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('ends all services and itself on SIGTERM, even during the first load', async () => {
    // Without addresses it starts its own services.
    const none = { KT_KAFKA_BROKERS: '', KT_ELASTICSEARCH_URL: '', KT_DATABASE_URL: '' }
    const main = runEntryPoint('src/main.ts', none, ['--port', '0', '--data', folder])
    await main.says(/Cities .* of 135,233/)
    const started = descendantsOf(main.pid)
    const commands = started.map(({ command }) => command)
    expect(commands.filter((command) => command === 'java')).toHaveLength(2)
    expect(commands).toContain('postgres')

    const stoppedAt = performance.now()
    expect(await main.stop()).toBe(0)
    await waitFor(() => started.every(({ pid }) => !runs(pid)), { what: 'The end of all processes' })
    expect(performance.now() - stoppedAt).toBeLessThan(20_000)
  }, 180_000)
})

describe('the command line', () => {
  it('prints its help', async () => {
    const main = runEntryPoint('src/main.ts', {}, ['--help'])
    expect(await main.ended()).toBe(0)
    expect(main.output()).toMatch(/--port[^]*--reset[^]*KT_DELAY_MS/)
  })

  it.each([
    [['--port', 'abc'], {}, 'A port is a number'],
    [['--unknown'], {}, 'unknown option'],
    [['--reset'], { KT_DATABASE_URL: 'postgres://localhost/own' }, '--reset empties only services'],
  ])('rejects %j', async (args, env, reason) => {
    const main = runEntryPoint('src/main.ts', env, args)
    expect(await main.ended()).toBe(1)
    expect(main.output()).toContain(reason)
  })
})
