import { silentLogger } from '@kt/core'
import { createTestScope } from 'testkit'
import type { TestScope } from 'testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '../src/config.ts'
import { openConnections } from '../src/connections.ts'
import { loadCountries } from '../src/load/load-countries.ts'
import { City } from '../src/models/city.ts'
import { ClosingStack } from '../src/run/closing-stack.ts'
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
