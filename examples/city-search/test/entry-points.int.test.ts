import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger } from '@kt/core'
import { createTestScope, waitFor } from 'testkit'
import type { TestScope } from 'testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '../src/config.ts'
import { openConnections } from '../src/connections.ts'
import { loadCountries } from '../src/load/load-countries.ts'
import { City } from '../src/models/city.ts'
import { ClosingStack } from '../src/run/closing-stack.ts'
import { descendantsOf, runs } from './support/descendants.ts'
import { runEntryPoint } from './support/entry-point.ts'
import type { RunningEntryPoint } from './support/entry-point.ts'
import { requester } from './support/request.ts'
import { smallCities } from './support/small-data.ts'
import { environmentOf } from './support/start-app.ts'

const workers = [
  'workers/indexer.ts',
  'workers/cascaded-indexer.ts',
  'workers/delayer.ts',
  'workers/cascades.ts',
  'web/server.ts',
]

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
    expect(await runEntryPoint('setup.ts', env).ended()).toBe(0)
    for (const file of workers) running.push(runEntryPoint(file, env))
    const said = await Promise.all(running.map((each) => each.says(/running(?: at (\S+))?\n/)))
    const ask = requester(said.at(-1)?.[1] ?? '')

    // This process is the sixth, and it writes.
    const { sequelize } = opened.add(openConnections(readConfig(env), silentLogger))
    await loadCountries(sequelize)
    await City.bulkCreate([...smallCities])
    await scope.waitFor(async () => (await ask('GET', '/cities')).total === smallCities.length)
    await ask('PATCH', '/countries/CH', { name: 'Suisse' })
    await scope.waitFor(async () => {
      const { cities } = await ask('GET', '/cities?country=CH')
      return cities?.every(({ countryName }) => countryName === 'Suisse')
    })

    expect(await Promise.all(running.map((each) => each.stop()))).toEqual(workers.map(() => 0))
  })

  it('report which setting is missing', async () => {
    const indexer = runEntryPoint('workers/indexer.ts', { ...environmentOf(scope), KT_KAFKA_BROKERS: '' })
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
    const main = runEntryPoint('main.ts', none, ['--port', '0', '--data', folder])
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
    const main = runEntryPoint('main.ts', {}, ['--help'])
    expect(await main.ended()).toBe(0)
    expect(main.output()).toMatch(/--port[^]*--reset[^]*KT_DELAY_MS/)
  })

  it.each([
    [['--port', 'abc'], {}, 'A port is a number'],
    [['--unknown'], {}, 'unknown option'],
    [['--reset'], { KT_DATABASE_URL: 'postgres://localhost/own' }, '--reset empties only services'],
  ])('rejects %j', async (args, env, reason) => {
    const main = runEntryPoint('main.ts', env, args)
    expect(await main.ended()).toBe(1)
    expect(main.output()).toContain(reason)
  })
})
