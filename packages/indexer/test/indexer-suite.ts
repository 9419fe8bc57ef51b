import type { Payload } from '@kt/core'
import { indexSettings } from '@kt/indexer'
import type { IndexDefinition, Indexer } from '@kt/indexer'
import { modelSource, readTickets, updateStream, UpdateStreamer } from '@kt/sequelize-stream'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { City, cityMappings, Place } from './support/city.ts'
import { LogBook } from './support/log-book.ts'
import { SearchIndex } from './support/search-engine.ts'
import type { SearchEngine } from './support/search-engine.ts'
import { Workbench } from './support/workbench.ts'
import type { Bench, Settings } from './support/workbench.ts'

/** Tests of the Indexer that every search engine and client must pass. */
export function indexerSuite(name: string, file: string, start: () => Promise<SearchEngine>): void {
  describe(`Indexer on ${name}`, () => {
    let workbench: Workbench
    let bench: Bench
    let workers: Indexer<City>[]

    const work = async (settings?: Settings): Promise<Indexer<City>> => {
      const worker = await bench.work(settings)
      workers.push(worker)
      return worker
    }
    const cities = (count: number): Promise<City[]> =>
      City.bulkCreate(Array.from({ length: count }, (_, i) => ({ id: String(i + 1), name: `city ${i + 1}` })))
    /** A worker that has read this many records. A worker's first reads are of two records. */
    const warm = async (count: number, settings?: Settings): Promise<Indexer<City>> => {
      await cities(count)
      await bench.send(ids(count))
      const worker = await work(settings)
      await worker.whenCaughtUp()
      return worker
    }
    const ids = (count: number): Payload[] => Array.from({ length: count }, (_, i) => ({ id: i + 1 }))

    beforeAll(async () => {
      workbench = await Workbench.open(file, await start())
    })
    afterAll(() => workbench?.close())
    beforeEach(async () => {
      workers = []
      bench = await workbench.bench()
    })
    afterEach(async () => {
      await Promise.all(workers.map((worker) => worker.close()))
      await City.destroy({ truncate: true })
    })

    test('creates, updates and deletes', async () => {
      const worker = await work()
      const city = await City.create({ id: '1', name: 'Bonn' })
      await bench.send([{ id: 1 }])
      await worker.whenCaughtUp()
      expect(await bench.index.source('1')).toEqual({ name: 'Bonn', population: '1' })

      await city.update({ name: 'Köln' })
      await bench.send([{ id: 1 }])
      await worker.whenCaughtUp()
      expect(await bench.index.source('1')).toEqual({ name: 'Köln', population: '1' })

      await city.destroy()
      await bench.send([{ id: 1 }])
      await worker.whenCaughtUp()
      expect(await bench.index.document('1')).toBeUndefined()
      expect(bench.meter.counts).toMatchObject({ indexed: 2, deleted: 1 })
    })

    test('indexes each change of a streamed model once', async () => {
      const worker = await work({ versions: readTickets(workbench.sequelize) })
      const delayTopic = await workbench.scope.createTopic(`delay-${bench.index.name}`)
      await using updateStreamer = new UpdateStreamer({ producer: workbench.producer, delayTopic })
      const uninstall = updateStream(City, { updateStreamer, topic: bench.topic })
      const indexed = (id: string, name?: string): Promise<unknown> =>
        workbench.scope.waitFor(async () => {
          const source = (await bench.index.source(id)) as { readonly name: string } | undefined
          return source?.name === name
        })
      try {
        const city = await City.create({ id: '1', name: 'Bonn' })
        await indexed('1', 'Bonn')
        await City.bulkCreate([{ id: '2', name: 'Köln' }])
        await indexed('2', 'Köln')
        await City.update({ name: 'Cologne' }, { where: { id: '2' } })
        await indexed('2', 'Cologne')
        await city.destroy()
        await indexed('1')
      } finally {
        uninstall()
      }
      await worker.whenCaughtUp()
      const loads = bench.loads.length
      // Sends the delay messages as a Delayer does when they come due.
      for (const { text, headers } of await workbench.scope.readTopic(delayTopic)) {
        const { payload } = JSON.parse(text ?? '') as { readonly payload: Payload }
        await bench.send([payload], { ...headers, 'kt-delayed': '1' })
      }
      await worker.whenCaughtUp()
      // All but the delete are skipped.
      expect(bench.meter.counts).toMatchObject({ indexed: 3, deleted: 2, skipped: 3 })
      expect(bench.loads.length).toBe(loads + 1)
    })

    test('loads a record once, however often a batch contains its id', async () => {
      await cities(2)
      await bench.send([{ id: 1 }, { id: 2 }, { id: '1' }, { id: 1 }])
      const worker = await work()
      await worker.whenCaughtUp()
      expect(bench.loads).toEqual([['1', '2']])
      expect(await bench.index.count()).toBe(2)
    })

    test('deletes a record outside the scope of load, and one that never existed', async () => {
      const source = modelSource(City)
      const worker = await work({
        index: { load: async (ids) => (await source.load(ids)).filter(({ country }) => country === 'de') },
      })
      await cities(1)
      await bench.send([{ id: 1 }])
      await worker.whenCaughtUp()
      expect(await bench.index.count()).toBe(1)

      await City.update({ country: 'fr' }, { where: { id: '1' } })
      await bench.send([{ id: 1 }, { id: 999 }])
      await worker.whenCaughtUp()
      expect(await bench.index.count()).toBe(0)
      expect(await bench.deadLetters()).toEqual([])
    })

    test('takes routing and versions from options, and for deletes from the payload', async () => {
      const worker = await work({
        index: {
          options: (subject, operation) =>
            operation === 'index'
              ? { routing: subject.country, version: Number(subject.population) }
              : { routing: subject['country'] as string, version: subject['version'] as number },
        },
      })
      await City.create({ id: '1', name: 'Bonn', population: '7' })
      await bench.send([{ id: 1 }])
      await worker.whenCaughtUp()
      expect(await bench.index.document('1', 'de')).toMatchObject({ version: 7 })

      await City.destroy({ where: { id: '1' } })
      await bench.send([{ id: 1, country: 'de', version: 6 }])
      await worker.whenCaughtUp()
      expect(await bench.index.document('1', 'de')).toMatchObject({ version: 7 })

      await bench.send([{ id: 1, country: 'de', version: 8 }])
      await worker.whenCaughtUp()
      expect(await bench.index.document('1', 'de')).toBeUndefined()
    })

    describe.each([
      ['other shards', 5],
      ['the same shard', 1],
    ])('a record whose routing changed was found twice: copies in %s', (_, shards) => {
      const routed: Partial<IndexDefinition<City>> = {
        options: (subject, operation) =>
          operation === 'index'
            ? { routing: subject.country }
            : { routing: (subject['references'] as { country?: string[] } | undefined)?.country?.[0] },
      }
      const move = (country: string): Promise<unknown> => City.update({ country }, { where: { id: '1' } })
      const sendMoves = (...from: string[]): Promise<void> =>
        bench.send(from.map((country) => ({ id: 1, references: { country: [country] } })))

      beforeEach(async () => {
        const settings = { ...indexSettings, number_of_shards: shards }
        bench = await workbench.bench({ settings, mappings: cityMappings })
      })

      test.each(['with', 'without'])('%s versions', async (versions) => {
        const worker = await work({
          index: routed,
          ...(versions === 'with' && { versions: readTickets(workbench.sequelize) }),
        })
        await City.create({ id: '1', name: 'Bonn' })
        await bench.send([{ id: 1 }])
        await worker.whenCaughtUp()
        for (const [from, to] of [
          ['de', 'fr'],
          ['fr', 'nl'],
          ['nl', 'de'],
        ] as const) {
          await move(to)
          await sendMoves(from)
          await worker.whenCaughtUp()
          expect(await bench.index.count()).toBe(1)
          expect(await bench.index.document('1', to)).toBeDefined()
        }

        // Moves twice before it is read, then back again, and repeats the old messages.
        await move('fr')
        await sendMoves('de', 'nl')
        await worker.whenCaughtUp()
        await sendMoves('fr', 'de', 'nl')
        await worker.whenCaughtUp()
        expect(await bench.index.count()).toBe(1)
        expect(await bench.index.document('1', 'fr')).toBeDefined()

        await City.destroy({ where: { id: '1' } })
        await sendMoves('nl', 'fr')
        await worker.whenCaughtUp()
        expect(await bench.index.count()).toBe(0)
        expect(await bench.deadLetters()).toEqual([])
      })
    })

    test.each(['with', 'without'])(
      'a record whose routing changed was found twice when its message did not tell, %s versions',
      async (versions) => {
        const settings = { ...indexSettings, number_of_shards: 5 }
        bench = await workbench.bench({ settings, mappings: cityMappings })
        const source = modelSource(City)
        const worker = await work({
          ...(versions === 'with' && { versions: readTickets(workbench.sequelize) }),
          index: {
            load: async (wanted) => (await source.load(wanted)).filter(({ country }) => country !== 'xx'),
            options: (subject, operation) => (operation === 'index' ? { routing: subject.country } : {}),
          },
        })
        await cities(3)
        await City.update({ country: 'es' }, { where: { id: '2' } })
        // A search sees data up to the last refresh. The delay message comes much later.
        const touch = async (): Promise<void> => {
          await bench.send(ids(3))
          await worker.whenCaughtUp()
          await bench.index.call('POST', '/_refresh')
        }
        await touch()
        for (const country of ['fr', 'nl', 'de']) {
          await City.update({ country }, { where: { id: '1' } })
          await touch()
          expect(await bench.index.count()).toBe(3)
          expect(await bench.index.document('1', country)).toBeDefined()
          expect(await bench.index.document('2', 'es')).toBeDefined()
        }
        // One is outside of the scope and one deleted. The payload has no routing.
        await City.update({ country: 'xx' }, { where: { id: '1' } })
        await City.destroy({ where: { id: '2' } })
        await touch()
        expect(await bench.index.count()).toBe(1)
        expect(await bench.deadLetters()).toEqual([])
      },
    )

    test('indexes BIGINT ids, even beyond the exact range of JSON numbers', async () => {
      const worker = await work()
      await City.bulkCreate([
        { id: '9007199254740993', name: 'far' },
        { id: '9007199254740992', name: 'near' },
      ])
      await bench.send([{ id: '9007199254740993' }, '{"id":9007199254740992}'])
      await worker.whenCaughtUp()
      expect(await bench.index.source('9007199254740993')).toMatchObject({ name: 'far' })
      expect(await bench.index.source('9007199254740992')).toMatchObject({ name: 'near' })
    })

    test('indexes UUID ids', async () => {
      const id = '0b9e4f6a-6f0c-4a56-9b1e-5f3f4c1d2e3a'
      await Place.create({ id, name: 'somewhere' })
      const worker = await bench.workOn<Place>({
        index: {
          name: bench.index.name,
          ...modelSource(Place),
          document: ({ name }) => ({ name }),
        },
      })
      await bench.send([{ id }])
      await worker.whenCaughtUp()
      await worker.close()
      expect(await bench.index.source(id)).toEqual({ name: 'somewhere' })
    })

    test('indexes the other documents despite one bad document among 1,000', async () => {
      await cities(1_000)
      await City.update({ population: 'many' }, { where: { id: '500' } })
      await bench.send(ids(1_000), { 'kt-change-id': 'change' })
      const worker = await work()
      await worker.whenCaughtUp()
      expect(await bench.index.count()).toBe(999)
      const letters = await bench.deadLetters()
      expect(letters).toHaveLength(1)
      expect(letters[0]).toMatchObject({
        text: '{"id":500}',
        headers: {
          'kt-change-id': 'change',
          'kt-dead-topic': bench.topic,
          'kt-dead-partition': '0',
          'kt-dead-offset': '499',
          'kt-dead-id': '500',
          'kt-dead-code': 'KT_DOCUMENT_REJECTED',
          'kt-dead-status': '400',
          'kt-dead-type': expect.stringMatching(/parsing_exception/) as string,
        },
      })
    })

    test('indexes the other documents despite a bad one while requests ask for brief answers', async () => {
      await cities(30)
      await City.update({ population: 'many' }, { where: { id: '24' } })
      await bench.send(ids(30))
      const worker = await work({ versions: readTickets(workbench.sequelize), loadSize: 2 })
      await worker.whenCaughtUp()
      expect(await bench.index.count()).toBe(29)
      expect(await bench.deadLetters()).toMatchObject([
        { text: '{"id":24}', headers: { 'kt-dead-code': 'KT_DOCUMENT_REJECTED', 'kt-dead-status': '400' } },
      ])
      // The first request shows that something failed, and the second shows what.
      expect(workbench.proxy.bulks.filter(([id]) => id === '23')).toEqual([
        ['23', '24'],
        ['23', '24'],
      ])
      expect(bench.meter.counts).toMatchObject({ indexed: 28, newer: 1, dead: 1 })
    })

    test('sends a single rejected document to dead letters', async () => {
      await City.create({ id: '1', name: 'Bonn', population: 'many' })
      await bench.send([{ id: 1 }])
      const worker = await work()
      await worker.whenCaughtUp()
      expect(await bench.deadLetters()).toHaveLength(1)
    })

    test('sends unreadable messages and failed documents to dead letters', async () => {
      await cities(3)
      await bench.send(['no JSON', { id: 1 }, { id: 2 }, '{}', { id: 3 }])
      const worker = await work({
        index: {
          document: ({ id, name }) => {
            if (id === '2') throw new Error('no')
            return { name }
          },
        },
      })
      await worker.whenCaughtUp()
      expect(await bench.index.count()).toBe(2)
      const letters = await bench.deadLetters()
      expect(letters.map(({ headers }) => headers['kt-dead-code'])).toEqual([
        'KT_PAYLOAD_INVALID',
        'KT_PAYLOAD_INVALID',
        'KT_DOCUMENT_FAILED',
      ])
    })

    test('sends an id that the database rejects to dead letters', async () => {
      await cities(3)
      await bench.send([{ id: 1 }, { id: 'no number' }, { id: 3 }])
      const worker = await work({ index: { load: (ids) => City.findAll({ where: { id: [...ids] } }) } })
      await worker.whenCaughtUp()
      expect(await bench.index.count()).toBe(2)
      const [letter] = await bench.deadLetters()
      expect(letter?.headers).toMatchObject({ 'kt-dead-code': 'KT_LOAD_FAILED', 'kt-dead-id': 'no number' })
    })

    test('a rejected id blocks nothing, even if it comes first and alone', async () => {
      await cities(1)
      await bench.send([{ id: 'no number' }])
      let failures = 0
      const worker = await work({
        index: {
          load: async (ids) => {
            try {
              return await City.findAll({ where: { id: [...ids] } })
            } catch (error) {
              failures += 1
              throw error
            }
          },
        },
      })
      // So far it is uncertain whether the id or the database is at fault.
      await workbench.scope.waitFor(() => failures > 5)
      await bench.send([{ id: 1 }])
      await worker.whenCaughtUp()
      expect(await bench.index.count()).toBe(1)
      expect(await bench.deadLetters()).toHaveLength(1)
    })

    test('retries only the documents that the search engine had no capacity for', async () => {
      const worker = await warm(3)
      workbench.proxy.failItem('2', { status: 429, type: 'es_rejected_execution_exception' }, { status: 503 })
      const before = workbench.proxy.bulks.length
      bench.loads.length = 0
      await bench.send(ids(3))
      await worker.whenCaughtUp()
      expect(await bench.index.count()).toBe(3)
      expect(workbench.proxy.bulks.slice(before)).toEqual([['1', '2', '3'], ['2'], ['2']])
      expect(bench.loads).toEqual([['1', '2', '3'], ['2'], ['2']])
    })

    test('a document that was always rejected (429) blocked its partition', async () => {
      const worker = await warm(8)
      workbench.proxy.failItems((id) =>
        id === '3' ? { status: 429, type: 'es_rejected_execution_exception' } : undefined,
      )
      try {
        await bench.send([...ids(8), { id: 1 }])
        await worker.whenCaughtUp()
      } finally {
        workbench.proxy.failItems(() => undefined)
      }
      expect(await bench.deadLetters()).toMatchObject([
        {
          text: '{"id":3}',
          headers: {
            'kt-dead-code': 'KT_DOCUMENT_REJECTED',
            'kt-dead-status': '429',
            'kt-dead-type': 'es_rejected_execution_exception',
          },
        },
      ])
      expect(bench.meter.counts).toMatchObject({ indexed: 15, dead: 1 })
    })

    test('sends nothing to dead letters while the search engine rejects everything (429)', async () => {
      const worker = await warm(8)
      workbench.proxy.failAllRequests({ status: 429, type: 'es_rejected_execution_exception' })
      try {
        const before = workbench.proxy.bulks.length
        await bench.send(ids(8))
        await workbench.scope.waitFor(() => workbench.proxy.bulks.length > before + 60)
      } finally {
        workbench.proxy.failAllRequests(undefined)
      }
      await worker.whenCaughtUp()
      expect(bench.meter.counts).toMatchObject({ indexed: 16 })
      expect(await bench.deadLetters()).toEqual([])
    })

    test('retries failed requests: overload, gateways, permissions, connections, timeouts', async () => {
      const worker = await warm(3, { requestTimeoutMs: 500 })
      const statuses = [429, 502, 503, 504, 401, 403, 404].map((status) => ({ status }))
      workbench.proxy.failRequests(...statuses, 'reset', 'silence')
      const before = workbench.proxy.bulks.length
      await bench.send(ids(3))
      await worker.whenCaughtUp()
      expect(await bench.index.count()).toBe(3)
      expect(workbench.proxy.bulks.slice(before)).toHaveLength(10)
      expect(await bench.deadLetters()).toEqual([])
    })

    test('splits a request that is too large', async () => {
      const worker = await warm(8)
      workbench.proxy.failRequests({ status: 413 }, { status: 413 })
      await bench.send(ids(8))
      await worker.whenCaughtUp()
      expect(await bench.index.count()).toBe(8)
      expect(await bench.deadLetters()).toEqual([])
    })

    test('waits for an index that is blocked or closed', async () => {
      await cities(2)
      const worker = await work()
      await bench.index.call('PUT', '/_settings', { 'index.blocks.write': true })
      await bench.send([{ id: 1 }])
      await workbench.scope.waitFor(() => (bench.meter.counts['kt_indexer_retries_total'] ?? 0) > 1)
      await bench.index.call('PUT', '/_settings', { 'index.blocks.write': false })
      await worker.whenCaughtUp()
      expect(await bench.index.count()).toBe(1)

      const before = bench.meter.counts['kt_indexer_retries_total'] ?? 0
      await bench.index.call('POST', '/_close')
      await bench.send([{ id: 2 }])
      await workbench.scope.waitFor(() => (bench.meter.counts['kt_indexer_retries_total'] ?? 0) > before + 1)
      await bench.index.call('POST', '/_open')
      await worker.whenCaughtUp()
      await workbench.scope.waitFor(async () => (await bench.index.count()) === 2)
      expect(await bench.deadLetters()).toEqual([])
    })

    test('waits for an alias without a write index, and sends nothing to dead letters', async () => {
      await cities(1)
      const alias = `${bench.index.name}-alias`
      const other = await workbench.bench()
      await bench.index.call('PUT', `/_alias/${alias}`)
      await other.index.call('PUT', `/_alias/${alias}`)
      const worker = await work({ index: { name: alias } })
      await bench.send([{ id: 1 }])
      await workbench.scope.waitFor(() => (bench.meter.counts['kt_indexer_retries_total'] ?? 0) > 2)
      await other.index.call('DELETE', `/_alias/${alias}`)
      await worker.whenCaughtUp()
      expect(await bench.index.count()).toBe(1)
      expect(await bench.deadLetters()).toEqual([])
    })

    test.each(['an index', 'an alias'])(
      'waits for %s that is gone, and does not recreate it with guessed types',
      async (what) => {
        const book = new LogBook()
        const mappings = cityMappings
        let name = bench.index.name
        if (what === 'an alias') {
          name = `${name}-alias`
          await bench.index.call('PUT', `/_alias/${name}`)
        }
        const target = new SearchIndex(workbench.engine.url, name)
        const worker = await work({ logger: book.logger, index: { name } })
        await cities(1)
        await bench.send([{ id: 1 }])
        await worker.whenCaughtUp()
        await bench.index.call('DELETE', what === 'an alias' ? `/_alias/${name}` : '')
        await bench.send([{ id: 1 }])
        await workbench.scope.waitFor(() => book.at('error').includes('index_not_found_exception'))
        expect(await target.call('GET', '', undefined, [404])).toMatchObject({ status: 404 })
        if (what === 'an alias') await bench.index.call('PUT', `/_alias/${name}`)
        else await bench.index.create({ mappings })
        await worker.whenCaughtUp()
        expect(await bench.index.source('1')).toEqual({ name: 'city 1', population: '1' })
        expect(await bench.deadLetters()).toEqual([])
      },
    )

    test('after a restore, writes always lost to versions from earlier tickets', async () => {
      const book = new LogBook()
      const worker = await work({ versions: readTickets(workbench.sequelize), logger: book.logger })
      const city = await City.create({ id: '1', name: 'of the backup' })
      await bench.send([{ id: 1 }])
      await worker.whenCaughtUp()
      const [[{ last_value: backup }]] = (await workbench.sequelize.query(
        'SELECT last_value FROM kt_read_tickets',
      )) as unknown as [[{ last_value: string }]]
      for (const name of ['later 1', 'later 2']) {
        await city.update({ name })
        await bench.send([{ id: 1 }])
        await worker.whenCaughtUp()
      }
      await workbench.sequelize.query(`SELECT setval('kt_read_tickets', ${backup})`)
      await city.update({ name: 'new' })
      await bench.send([{ id: 1 }])
      await worker.whenCaughtUp()
      expect(await bench.index.source('1')).toMatchObject({ name: 'new' })
      expect(book.at('error')).toContain('went back')
    })

    test('splits operations that are too large for one request', async () => {
      await cities(10)
      const before = workbench.proxy.bulks.length
      await bench.send(ids(10))
      const worker = await work({ maxBulkBytes: 200 })
      await worker.whenCaughtUp()
      expect(await bench.index.count()).toBe(10)
      expect(workbench.proxy.bulks.length - before).toBeGreaterThan(2)
    })

    test('skips the delay message of an indexed change', async () => {
      await cities(2)
      const worker = await work({ versions: readTickets(workbench.sequelize) })
      await bench.send([{ id: 1 }], { 'kt-change-id': 'a' })
      await worker.whenCaughtUp()
      await bench.send([{ id: 1 }, { id: 2 }], { 'kt-change-id': 'a', 'kt-delayed': '1' })
      await worker.whenCaughtUp()
      expect(bench.loads).toEqual([['1'], ['2']])
      expect(bench.meter.counts).toMatchObject({ indexed: 2, skipped: 1 })
    })

    describe('a stalled worker', () => {
      /** Stalls between its read and its write until it is released. */
      const stalled = async (): Promise<{
        worker: Indexer<City>
        hasRead: () => boolean
        release: () => void
      }> => {
        let release = (): void => undefined
        const released = new Promise<void>((resolve) => {
          release = resolve
        })
        let read = false
        const source = modelSource(City)
        const worker = await work({
          name: `${bench.topic}-stalled`,
          versions: readTickets(workbench.sequelize),
          index: {
            load: async (ids) => {
              const records = await source.load(ids)
              read = true
              await released
              return records
            },
          },
        })
        return { worker, hasRead: () => read, release }
      }
      const race = async (change: () => Promise<unknown>): Promise<void> => {
        const slow = await stalled()
        await bench.send([{ id: 1 }])
        await workbench.scope.waitFor(slow.hasRead)
        await change()
        const quick = await work({ versions: readTickets(workbench.sequelize) })
        await bench.send([{ id: 1 }])
        await quick.whenCaughtUp()
        slow.release()
        await workbench.scope.waitFor(() => (bench.meter.counts['newer'] ?? 0) >= 1)
      }

      test('does not overwrite an update', async () => {
        const city = await City.create({ id: '1', name: 'old' })
        await race(() => city.update({ name: 'new' }))
        expect(await bench.index.source('1')).toMatchObject({ name: 'new' })
      })

      test('does not restore a deleted document', async () => {
        const city = await City.create({ id: '1', name: 'old' })
        await race(() => city.destroy())
        expect(await bench.index.document('1')).toBeUndefined()
      })

      test('does not delete a recreated document', async () => {
        await race(() => City.create({ id: '1', name: 'new' }))
        expect(await bench.index.source('1')).toMatchObject({ name: 'new' })
      })
    })
  })
}
