import { KtError, silentLogger } from '@kt/core'
import { sleep } from '@kt/core/internal'
import type { BatchContext } from '@kt/core'
import { expect, onTestFinished, test, vi } from 'vitest'
import {
  FakeConsumer,
  FakeEngine,
  FakeMeter,
  FakeProducer,
  memoryLogger,
  message,
  responseError,
} from '../test/support/fakes.ts'
import type { SentOperation } from '../test/support/fakes.ts'
import { Indexer } from './indexer.ts'
import type { IndexerOptions } from './options.ts'

interface City {
  readonly id: number
  readonly name: string
}

/** An Indexer with test doubles for everything around it. */
async function setUp(options: Partial<IndexerOptions<City>> = {}, isVersioned = true) {
  const engine = new FakeEngine()
  const consumer = new FakeConsumer()
  const letters = new FakeProducer()
  const meter = new FakeMeter()
  const { logger, lines } = memoryLogger()
  const table = new Map<string, City>()
  const loads: (readonly string[])[] = []
  let ticket = 0
  const indexer = new Indexer<City>({
    consumer,
    client: engine,
    topic: 'cities',
    name: 'cities_indexer',
    index: {
      name: 'cities',
      load: (ids) => {
        loads.push(ids)
        return Promise.resolve(ids.flatMap((id) => table.get(id) ?? []))
      },
      document: ({ name }) => ({ name }),
    },
    ...(isVersioned && { versions: { next: () => Promise.resolve(++ticket) } }),
    deadLetters: letters,
    retry: { initialMs: 1, maxMs: 2 },
    logger,
    meter,
    ...options,
  })
  await indexer.run()
  return { indexer, engine, consumer, letters, meter, lines, table, loads }
}

const rejecting =
  (...ids: string[]) =>
  ({ action }: SentOperation) =>
    ids.includes(action._id) ? { status: 400, type: 'document_parsing_exception' } : undefined

test('consumes with its name as consumer group', async () => {
  const { consumer, indexer } = await setUp({ partition: 3, batchSize: 5 })
  expect(consumer.options).toMatchObject({
    topic: 'cities',
    name: 'cities_indexer',
    partition: 3,
    batchSize: 5,
  })
  expect(await indexer.lag()).toBe(7n)
})

test('runs once, closes once, and cannot run after that', async () => {
  const { indexer, consumer } = await setUp()
  await Promise.all([indexer.run(), indexer.close(), indexer.close()])
  expect(consumer.closed).toBe(2)
  for (const call of [() => indexer.run(), () => indexer.lag(), () => indexer.whenCaughtUp()])
    await expect(call()).rejects.toMatchObject({ code: 'KT_CLOSED' })
})

test('loads each record once and sends one request', async () => {
  const { consumer, engine, loads, table, meter } = await setUp()
  table.set('1', { id: 1, name: 'Bonn' })
  await consumer.deliver([message({ id: 1 }), message({ id: 2 }), message({ id: '1' })])
  expect(loads).toEqual([['1', '2']])
  expect(engine.sent.map(({ kind, document }) => [kind, document])).toEqual([
    ['index', { name: 'Bonn' }],
    ['delete', undefined],
  ])
  expect(meter.counts).toMatchObject({ indexed: 1, deleted: 1 })
  expect(meter.values['kt_indexer_latency_ms']).toHaveLength(3)
})

test('splits messages that name many records into batches, and gives up single records', async () => {
  const { consumer, engine, letters, table } = await setUp({ batchSize: 4 })
  for (const id of [1, 2, 3, 4, 5]) table.set(String(id), { id, name: 'x' })
  engine.answer = rejecting('2')
  const messages = [
    message('{"ids":[1,2,3]}', { offset: 7n }),
    message('{"ids":[3,4]}', { offset: 8n }),
    message('{"ids":[5]}', { offset: 9n }),
  ]
  expect(await consumer.deliver(messages)).toEqual({ from: 9n, forMs: 0 })
  expect(engine.ids).toEqual([
    ['1', '2'],
    ['3', '4'],
  ])
  expect(letters.sent.map(({ value, topic, key }) => [value, topic, key])).toEqual([
    [new TextEncoder().encode('{"id":2}'), 'cities.dead-letter', '2'],
  ])
  expect(await consumer.deliver(messages.slice(2))).toBeUndefined()
  expect(engine.ids.at(-1)).toEqual(['5'])
})

test('retries only failed records, with a new ticket and a fresh read', async () => {
  const { consumer, engine, loads, table, meter } = await setUp()
  table.set('1', { id: 1, name: 'old' }).set('2', { id: 2, name: 'Bonn' })
  engine.answer = ({ action }, request) => {
    if (action._id !== '1' || request > 2) return undefined
    table.set('1', { id: 1, name: 'new' })
    return { status: request === 1 ? 429 : 503 }
  }
  await consumer.deliver([message({ id: 1 }), message({ id: 2 })])
  expect(engine.ids).toEqual([['1', '2'], ['1'], ['1']])
  expect(engine.requests.map(([first]) => first?.action['version'])).toEqual([1, 2, 3])
  expect(engine.sent.at(-1)?.document).toEqual({ name: 'new' })
  expect(loads).toEqual([['1', '2'], ['1'], ['1']])
  expect(meter.counts['kt_indexer_retries_total']).toBe(2)
})

test('reads the next records while others are written, and reads them again after a retry', async () => {
  const { consumer, engine, loads } = await setUp({ loadSize: 1 })
  engine.answer = ({ action }, request) => (action._id === '2' && request === 2 ? { status: 429 } : undefined)
  await consumer.deliver([1, 2, 3].map((id) => message({ id })))
  expect(engine.ids).toEqual([['1'], ['2'], ['2'], ['3']])
  expect(loads).toEqual([['1'], ['2'], ['3'], ['2'], ['3']])
})

/** Every record exists, with a document of 900 characters. */
const largeDocuments = {
  name: 'cities',
  load: (ids: readonly string[]) =>
    Promise.resolve(ids.map((id) => ({ id: Number(id), name: 'x'.repeat(900) }))),
  document: ({ name }: City) => ({ name }),
}

test('reads no more large documents at a time than fit a bulk request', async () => {
  const { consumer, engine, meter } = await setUp({ maxBulkBytes: 10_000, index: largeDocuments })
  await consumer.deliver(Array.from({ length: 40 }, (_, id) => message({ id })))
  expect(engine.ids.map(({ length }) => length)).toEqual([2, 8, 10, 10, 10])
  expect(meter.counts['kt_indexer_loaded_total']).toBe(40)
  expect(meter.values['kt_indexer_load_duration_ms']).toHaveLength(5)
})

test('all partitions together have at most maxInFlightBytes in flight', async () => {
  const { consumer, engine, loads } = await setUp({ maxInFlightBytes: 100_000 })
  let answer = (): void => undefined
  engine.before = () => new Promise((resolve) => (answer = resolve))
  // Each is estimated at 64 kB until a document was built.
  const delivered = [0, 1, 2].map((partition) =>
    consumer.deliver([message({ id: partition })], { partition }),
  )
  for (const wanted of [['0'], ['1'], ['2']]) {
    await expect.poll(() => engine.ids.at(-1)).toEqual(wanted)
    expect(loads.at(-1)).toEqual(wanted)
    answer()
  }
  await Promise.all(delivered)
  expect(loads).toHaveLength(3)
})

test('partitions that wait for a retry release their permits, including that of the part read ahead', async () => {
  const { consumer, engine } = await setUp({
    maxInFlightBytes: 140_000,
    loadSize: 1,
    retry: { initialMs: 60_000 },
  })
  engine.answer = ({ action }) => (action._id.startsWith('bad') ? { status: 503 } : undefined)
  const aborting = new AbortController()
  const deliver = (partition: number, ...ids: string[]) =>
    consumer.deliver(
      ids.map((id) => message({ id })),
      { partition, signal: aborting.signal },
    )
  const stuck = [deliver(0, 'bad 0', 'next'), deliver(1, 'bad 1', 'next')]
  await expect.poll(() => engine.ids).toEqual([['bad 0'], ['bad 1']])
  await deliver(2, '1', '2')
  expect(engine.ids.slice(2)).toEqual([['1'], ['2']])
  aborting.abort()
  for (const each of stuck) await expect(each).rejects.toMatchObject({ code: 'KT_ABORTED' })
})

test.each([
  { status: 429, atATime: 2 },
  { status: 503, atATime: 4 },
])('retries four requests with status $status, $atATime at a time', async ({ status, atATime }) => {
  const { consumer, engine } = await setUp({
    maxBulkBytes: 2_048,
    maxInFlightBytes: 4_700,
    index: largeDocuments,
  })
  const open: (() => void)[] = []
  engine.before = () => new Promise((resolve) => void open.push(resolve))
  engine.answer = (_, request) => (request <= 4 ? { status } : undefined)
  const delivered = [0, 1, 2, 3].map((partition) =>
    consumer.deliver([message({ id: partition })], { partition }),
  )
  await expect.poll(() => open.length).toBe(4)
  for (const answer of open.splice(0)) answer()
  await expect.poll(() => open.length).toBe(atATime)
  // Far longer than the backoff: no other partition is admitted.
  await sleep(50)
  expect(open).toHaveLength(atATime)
  engine.before = () => undefined
  for (const answer of open) answer()
  await Promise.all(delivered)
  expect(engine.requests).toHaveLength(8)
})

test('rejects the batch when a part cannot be read, after the parts before it were written', async () => {
  const { consumer, engine, table } = await setUp({
    loadSize: 1,
    index: {
      name: 'cities',
      load: ([id]) => (id === '2' ? Promise.reject(new Error('gone')) : Promise.resolve([])),
      document: () => ({}),
    },
  })
  table.set('1', { id: 1, name: 'Bonn' })
  const delivered = consumer.deliver([1, 2, 3].map((id) => message({ id })))
  await expect(delivered).rejects.toMatchObject({ code: 'KT_LOAD_FAILED' })
  expect(engine.ids).toEqual([['1']])
})

test('gives up an unreadable record once, even if its part is read again after a retry', async () => {
  const { consumer, engine, letters } = await setUp({
    loadSize: 1,
    index: {
      name: 'cities',
      load: (ids) => (ids.includes('2') ? Promise.reject(new Error('bad')) : Promise.resolve([])),
      document: () => ({}),
    },
  })
  await consumer.deliver([message({ id: 1 })])
  engine.answer = (_, request) => (request === 2 ? { status: 429 } : undefined)
  await consumer.deliver(
    [1, 2, 3].map((id) => message({ id })),
    { attempt: 2 },
  )
  expect(engine.ids).toEqual([['1'], ['1'], ['1'], ['3']])
  expect(letters.sent.map(({ headers }) => headers?.['kt-dead-id'])).toEqual(['2'])
})

test('builds the next documents while others are written, and gives up a failing one once although it is built again', async () => {
  const events: string[] = []
  const { consumer, engine, letters, lines } = await setUp({
    loadSize: 1,
    index: {
      name: 'cities',
      load: (ids) => Promise.resolve(ids.map((id) => ({ id: Number(id), name: 'x' }))),
      document: ({ id }) => {
        events.push(`document ${id}`)
        if (id === 2) throw new Error('no')
        return {}
      },
    },
  })
  let answer: () => void
  const answered = new Promise<void>((resolve) => (answer = resolve))
  engine.before = async (_, request) => {
    events.push(`request ${request}`)
    if (request === 1) await answered
  }
  engine.answer = (_, request) => (request === 1 ? { status: 429 } : undefined)
  const delivered = consumer.deliver([1, 2].map((id) => message({ id })))
  await expect.poll(() => events).toEqual(['document 1', 'request 1', 'document 2'])
  answer!()
  await delivered
  expect(events.slice(3)).toEqual(['document 1', 'request 2', 'document 2'])
  expect(letters.sent.map(({ headers }) => headers?.['kt-dead-id'])).toEqual(['2'])
  expect(lines.filter((line) => line.includes('The index definition failed'))).toHaveLength(1)
})

test('retries when the request itself fails, and logs no response', async () => {
  const { consumer, engine, lines } = await setUp()
  const errors = [
    new Error('connect ECONNREFUSED'),
    responseError(503),
    responseError(401, 'security_exception'),
  ]
  engine.before = (_, request) => {
    const error = errors[request - 1]
    if (error) throw error
  }
  await consumer.deliver([message({ id: 1 })])
  expect(engine.requests).toHaveLength(4)
  expect(lines).toHaveLength(3)
  expect(lines[0]).toContain('ECONNREFUSED')
  expect(lines[2]).toContain('security_exception')
  expect(lines.join()).not.toContain('secret')
})

test('does not send the rest of a batch while the search engine is unavailable', async () => {
  const { consumer, engine } = await setUp({ maxBulkBytes: 1 })
  engine.before = (_, request) => {
    if (request === 2) throw new Error('connect ECONNREFUSED')
  }
  await consumer.deliver([1, 2, 3].map((id) => message({ id })))
  expect(engine.ids).toEqual([['1'], ['2'], ['2'], ['3']])
})

test('halves a request that is too large to isolate the document', async () => {
  const { consumer, engine, letters, table } = await setUp()
  for (let id = 0; id < 16; id++) table.set(String(id), { id, name: 'x' })
  engine.before = (operations) => {
    if (operations.some(({ action }) => action._id === '5')) throw responseError(413)
  }
  await consumer.deliver(Array.from({ length: 16 }, (_, id) => message({ id })))
  expect(letters.sent).toHaveLength(1)
  expect(letters.sent[0]?.headers).toMatchObject({
    'kt-dead-id': '5',
    'kt-dead-code': 'KT_DOCUMENT_REJECTED',
    'kt-dead-status': '413',
  })
})

test('gives up rejected documents, with the reason and the unchanged value', async () => {
  const { consumer, engine, letters, meter, lines } = await setUp()
  engine.answer = rejecting('2')
  const bad = message({ id: 2, name: 'secret' }, { offset: 12n, headers: { 'kt-change-id': 'c' } })
  await consumer.deliver([message({ id: 1 }), bad])
  expect(letters.sent).toHaveLength(1)
  const letter = letters.sent[0]
  expect(letter?.value).toBe(bad.value)
  expect(letter?.topic).toBe('cities.dead-letter')
  expect(letter?.headers).toMatchObject({
    'kt-change-id': 'c',
    'kt-dead-topic': 'cities',
    'kt-dead-partition': '0',
    'kt-dead-offset': '12',
    'kt-dead-id': '2',
    'kt-dead-code': 'KT_DOCUMENT_REJECTED',
    'kt-dead-status': '400',
    'kt-dead-type': 'document_parsing_exception',
    'kt-dead-attempts': '1',
  })
  expect(meter.counts).toMatchObject({ deleted: 1, dead: 1 })
  expect(lines.join()).not.toContain('secret')
})

test('gives up messages that do not parse and records whose document fails', async () => {
  const { consumer, letters, lines, table } = await setUp({
    index: {
      name: 'cities',
      load: (ids) => Promise.resolve(ids.map((id) => ({ id: Number(id), name: 'secret' }))),
      document: ({ id, name }) => {
        if (id === 2) throw new Error(name)
        return {}
      },
    },
  })
  table.set('1', { id: 1, name: 'x' })
  await consumer.deliver([message('secret'), message({ id: 2 }), message({ id: 1 })])
  expect(letters.sent.map(({ headers }) => [headers?.['kt-dead-code'], headers?.['kt-dead-id']])).toEqual([
    ['KT_PAYLOAD_INVALID', undefined],
    ['KT_DOCUMENT_FAILED', '2'],
  ])
  expect(lines.join()).toContain('indexer.test.ts')
  expect(lines.join()).not.toContain('secret')
})

test('logs, counts and skips without deadLetters', async () => {
  const { deadLetters: _, ...options } = { deadLetters: undefined }
  const { consumer, engine, meter, lines } = await setUp(options)
  engine.answer = rejecting('1', '2')
  await consumer.deliver([3, 4].map((id) => message({ id })))
  await consumer.deliver([1, 2, 3].map((id) => message({ id })))
  expect(meter.counts['dead']).toBe(2)
  expect(lines).toHaveLength(1)
})

test('rejects the batch while the dead letters cannot be sent, with a log line and a metric', async () => {
  const deadLetters = new FakeProducer()
  deadLetters.batch = () => Promise.reject(new KtError('KT_PRODUCE_TIMEOUT', 'away', { retryable: true }))
  const { logger, errors } = memoryLogger()
  const { consumer, meter } = await setUp({ deadLetters, logger })
  await expect(consumer.deliver([message('no payload')])).rejects.toMatchObject({
    code: 'KT_PRODUCE_TIMEOUT',
  })
  expect(errors).toMatchObject([expect.stringContaining('The dead letters could not be sent')])
  expect(meter.counts).toMatchObject({ kt_indexer_dead_letter_failures_total: 1 })
})

test('is not ready while somebody has to fix the dead-letter topic or the index', async () => {
  const deadLetters = new FakeProducer()
  const batch = deadLetters.batch.bind(deadLetters)
  const { consumer, engine, indexer } = await setUp({ deadLetters })
  expect(indexer.isReady()).toBe(true)
  deadLetters.batch = () => Promise.reject(new KtError('KT_PRODUCE_FAILED', 'gone', { retryable: true }))
  await expect(consumer.deliver([message('no payload')])).rejects.toThrow('gone')
  expect(indexer.isReady()).toBe(false)
  deadLetters.batch = batch
  await consumer.deliver([message('no payload')])
  expect(indexer.isReady()).toBe(true)
  let isThere = false
  const getAlias = (): Promise<object> => {
    if (isThere) return Promise.resolve({ cities: {} })
    return Promise.reject(responseError(404, 'index_not_found_exception'))
  }
  Object.assign(engine, { indices: { getAlias } })
  const delivered = consumer.deliver([message({ id: 1 })])
  await vi.waitFor(() => {
    expect(indexer.isReady()).toBe(false)
  })
  isThere = true
  await delivered
  expect(indexer.isReady()).toBe(true)
  await indexer.close()
  expect(indexer.isReady()).toBe(false)
})

test.each([
  { status: 404, type: 'index_not_found_exception' },
  { status: 400, type: 'index_closed_exception' },
])('reports $type at once, as an error in the log and in a metric', async ({ status, type }) => {
  const { logger, errors } = memoryLogger()
  const { consumer, engine, meter } = await setUp({ logger })
  const add = vi.spyOn(meter, 'add')
  engine.answer = (_, request) => (request === 1 ? { status, type } : undefined)
  await consumer.deliver([message({ id: 1 })])
  expect(errors).toMatchObject([expect.stringContaining(type)])
  expect(add).toHaveBeenCalledWith('kt_indexer_retries_total', 1, expect.objectContaining({ status }))
})

test('gives up a single rejected document once the search engine accepts the probe', async () => {
  const { consumer, engine, letters } = await setUp()
  engine.answer = rejecting('1')
  await consumer.deliver([message({ id: 1 })])
  expect(letters.sent.map(({ headers }) => headers?.['kt-dead-attempts'])).toEqual(['2'])
  expect(engine.ids).toEqual([['1'], ['.kt-probe'], ['1']])
})

test('gives up no document while the search engine accepts no writes', async () => {
  const { consumer, engine, letters } = await setUp()
  // For example an alias without a write index, which is fixed after a while.
  const broken = { status: 400, type: 'illegal_argument_exception' }
  engine.answer = (_, request) => (request < 6 ? broken : undefined)
  await consumer.deliver([message({ id: 1 })])
  expect(letters.sent).toEqual([])
  expect(engine.sent).toHaveLength(4)
})

const tooMuch = { status: 429, type: 'es_rejected_execution_exception' }

test.each<[string, (engine: FakeEngine) => void]>([
  [
    'as the only one in its request',
    (engine) => (engine.answer = ({ action }) => (action._id === '5' ? tooMuch : undefined)),
  ],
  [
    'with all others in its request',
    (engine) =>
      (engine.before = (operations) => {
        if (operations.some(({ action }) => action._id === '5')) throw responseError(429, tooMuch.type)
      }),
  ],
])('gives up a document that is always refused (429), %s', async (_, refuse) => {
  const { consumer, engine, letters, meter, table } = await setUp()
  const ids = Array.from({ length: 16 }, (__, id) => id)
  for (const id of ids) table.set(String(id), { id, name: 'x' })
  refuse(engine)
  await consumer.deliver(ids.map((id) => message({ id })))
  expect(meter.counts).toMatchObject({ indexed: 15, dead: 1 })
  expect(letters.sent.map(({ headers }) => headers)).toMatchObject([
    {
      'kt-dead-id': '5',
      'kt-dead-code': 'KT_DOCUMENT_REJECTED',
      'kt-dead-status': '429',
      'kt-dead-type': 'es_rejected_execution_exception',
    },
  ])
  // The others were indexed before it was given up.
  const alone = engine.ids.filter((sent) => sent.join() === '5')
  expect(alone.length).toBeGreaterThan(10)
  const probes = engine.requests.flat().filter(({ action }) => action._id === '.kt-probe')
  expect(probes.map(({ action }) => action['routing'])).toEqual(probes.map(() => '5'))
})

test('several documents that are always refused do not wait for each other', async () => {
  const { consumer, engine, letters, meter } = await setUp()
  engine.before = (operations) => {
    if (operations.some(({ action }) => ['3', '4', '9'].includes(action._id))) throw responseError(429)
  }
  await consumer.deliver(Array.from({ length: 16 }, (_, id) => message({ id })))
  expect(letters.sent.map(({ headers }) => headers?.['kt-dead-attempts'])).toEqual(['16', '16', '16'])
  expect(meter.counts).toMatchObject({ deleted: 13, dead: 3 })
})

test.each<[string, (operations: readonly SentOperation[]) => boolean]>([
  ['the search engine', () => true],
  ['a shard', (operations) => operations.some(({ action }) => (action['routing'] ?? action._id) === 'busy')],
])('gives up nothing while %s refuses all', async (_, refuses) => {
  const { consumer, engine, letters, meter } = await setUp()
  engine.before = (operations, request) => {
    if (request < 500 && refuses(operations)) throw responseError(429, tooMuch.type)
  }
  await consumer.deliver(['1', 'busy', '2', '3'].map((id) => message({ id })))
  expect(letters.sent).toEqual([])
  expect(meter.counts).toMatchObject({ deleted: 4 })
})

/** Routes by the name of the city. */
const routedBy = (table: ReadonlyMap<string, City>): IndexerOptions<City>['index'] => ({
  name: 'cities',
  load: (ids) => Promise.resolve(ids.flatMap((id) => table.get(id) ?? [])),
  document: ({ name }) => ({ name }),
  options: (subject, operation) => {
    if (operation === 'index') return { routing: subject.name }
    return { routing: (subject['references'] as { readonly name: string[] }).name[0] }
  },
})

test('retries a routing copy that could not be deleted, with a fresh read of its record', async () => {
  const table = new Map([['1', { id: 1, name: 'Bonn' }]])
  const { consumer, engine, meter } = await setUp({ index: routedBy(table) })
  engine.answer = ({ kind }, request) => {
    if (kind !== 'delete' || request > 1) return undefined
    table.set('1', { id: 1, name: 'Beuel' })
    return tooMuch
  }
  await consumer.deliver([message({ id: 1, references: { name: ['Berlin', 'Bonn'] } })])
  expect(engine.sent.map(({ kind, action }) => [kind, action['routing']])).toEqual([
    ['delete', 'Berlin'],
    ['index', 'Bonn'],
    ['delete', 'Berlin'],
    ['delete', 'Bonn'],
    ['index', 'Beuel'],
  ])
  expect(meter.counts).toMatchObject({ indexed: 1 })
})

test('indexes a record with a routing again when its delay message comes due: a search may have missed its copy', async () => {
  const table = new Map([['1', { id: 1, name: 'Bonn' }]])
  const { consumer, engine, meter } = await setUp({ index: routedBy(table) })
  let found: readonly object[] = []
  Object.assign(engine, { search: () => Promise.resolve({ hits: { hits: found } }) })
  await consumer.deliver([message({ id: 1 }, { headers: instant })])
  found = [{ _id: '1', _routing: 'Berlin' }]
  await consumer.deliver([message({ id: 1 }, { headers: delayed })])
  expect(engine.sent.map(({ kind, action }) => [kind, action['routing']])).toEqual([
    ['index', 'Bonn'],
    ['delete', 'Berlin'],
    ['index', 'Bonn'],
  ])
  expect(meter.counts['skipped'] ?? 0).toBe(0)
})

test('logs when options fails for the former place of a record, and indexes the record', async () => {
  const table = new Map([['1', { id: 1, name: 'Bonn' }]])
  const warnings: string[] = []
  const logger = { ...silentLogger, warn: (text: string) => void warnings.push(text) }
  const { consumer, engine, letters } = await setUp({ index: routedBy(table), logger })
  await consumer.deliver([message({ id: 1, references: { other: [1] } })])
  expect(engine.sent.map(({ kind, action }) => [kind, action['routing']])).toEqual([['index', 'Bonn']])
  expect(warnings).toEqual([expect.stringContaining('a routing copy may be left')])
  expect(letters.sent).toEqual([])
})

test('treats a newer version in the index as success', async () => {
  const { consumer, engine, meter, letters } = await setUp()
  engine.answer = () => ({ status: 409, type: 'version_conflict_engine_exception' })
  await consumer.deliver([message({ id: 1 })])
  expect(meter.counts).toMatchObject({ newer: 1 })
  expect(letters.sent).toEqual([])
})

/** Lets the Indexer write so often that it no longer expects errors. */
async function calm({ consumer, engine }: Pick<Awaited<ReturnType<typeof setUp>>, 'consumer' | 'engine'>) {
  for (let id = 1; id <= 10; id++) await consumer.deliver([message({ id })])
  engine.requests.length = engine.brief.length = 0
}

test('asks only for errors while nothing fails, and sends the request again for the items after an error', async () => {
  const { consumer, engine, meter, letters } = await setUp()
  await calm({ consumer, engine })
  const conflict = { status: 409, type: 'version_conflict_engine_exception' }
  const refused = { status: 400, type: 'document_parsing_exception' }
  engine.answer = ({ action }, request) => {
    if (action._id === '2') return refused
    // The second request finds the documents that the first one wrote.
    return request === 3 ? conflict : undefined
  }
  await consumer.deliver([message({ id: 1 })])
  await consumer.deliver([message({ id: 1 }), message({ id: 2 })])
  await consumer.deliver([message({ id: 3 })])
  expect(engine.ids).toEqual([['1'], ['1', '2'], ['1', '2'], ['3']])
  expect(engine.brief).toEqual([true, true, false, false])
  const versions = engine.requests.slice(1, 3).map((sent) => sent.map(({ action }) => action['version']))
  expect(versions[1]).toEqual(versions[0])
  expect(letters.sent.map(({ headers }) => headers)).toMatchObject([
    { 'kt-dead-id': '2', 'kt-dead-status': '400', 'kt-dead-attempts': '1' },
  ])
  expect(meter.counts).toMatchObject({ newer: 1, dead: 1 })
})

test('always asks for the items without versions: sending an old read again could overwrite a newer one', async () => {
  const setting = await setUp({}, false)
  const { consumer, engine } = setting
  await calm(setting)
  engine.answer = rejecting('2')
  await consumer.deliver([message({ id: 1 }), message({ id: 2 })])
  expect(engine.ids).toEqual([['1', '2']])
  expect(engine.brief).toEqual([false])
})

const instant = { 'kt-change-id': 'c1' }
const delayed = { ...instant, 'kt-delayed': '1' }

test('skips the delay message of a change that it has indexed', async () => {
  const { consumer, loads, table, meter } = await setUp()
  table.set('1', { id: 1, name: 'x' })
  await consumer.deliver([message({ id: 1 }, { headers: instant })])
  await consumer.deliver([message({ id: 1 }, { headers: delayed })])
  expect(loads).toHaveLength(1)
  expect(meter.counts).toMatchObject({ indexed: 1, skipped: 1 })
})

test.each<[string, object, object]>([
  ['a delay message that came due before the commit', delayed, instant],
  ['two delay messages', delayed, delayed],
  ['two instant messages', instant, instant],
])('does not skip: %s', async (_, first, second) => {
  const { consumer, loads, table } = await setUp()
  table.set('1', { id: 1, name: 'x' })
  await consumer.deliver([message({ id: 1 }, { headers: { ...first } })])
  await consumer.deliver([message({ id: 1 }, { headers: { ...second } })])
  expect(loads).toHaveLength(2)
})

test('does not skip changes that were deleted or given up', async () => {
  const { consumer, loads, engine, table } = await setUp()
  table.set('2', { id: 2, name: 'x' })
  engine.answer = rejecting('2')
  const ids = [1, 2]
  await consumer.deliver(ids.map((id) => message({ id }, { headers: instant })))
  await consumer.deliver(ids.map((id) => message({ id }, { headers: delayed })))
  expect(loads).toHaveLength(2)
})

test('does not write a read whose partition was lost', async () => {
  const aborting = new AbortController()
  const { consumer, engine } = await setUp({
    index: {
      name: 'cities',
      load: () => {
        aborting.abort()
        return Promise.resolve([])
      },
      document: () => ({}),
    },
  })
  const delivered = consumer.deliver([message({ id: 1 })], { signal: aborting.signal })
  await expect(delivered).rejects.toMatchObject({ code: 'KT_ABORTED', retryable: true })
  expect(engine.requests).toEqual([])
})

test('stops retrying when the partition was lost', async () => {
  const aborting = new AbortController()
  const { consumer, engine } = await setUp({ retry: { initialMs: 60_000, maxMs: 60_000 } })
  engine.answer = () => {
    queueMicrotask(() => aborting.abort())
    return { status: 429 }
  }
  const delivered = consumer.deliver([message({ id: 1 })], { signal: aborting.signal })
  await expect(delivered).rejects.toMatchObject({ code: 'KT_ABORTED' })
})

test('retries a batch that cannot be loaded, then pauses to get it together with later messages', async () => {
  const load = (): Promise<never> => Promise.reject(new Error('away'))
  const { consumer } = await setUp({ index: { name: 'cities', load, document: () => ({}) } })
  const batch = [message({ id: 1 }, { offset: 42n })]
  const deliver = (attempt: number): ReturnType<FakeConsumer['deliver']> =>
    consumer.deliver(batch, { attempt } satisfies Partial<BatchContext>)
  await expect(deliver(1)).rejects.toMatchObject({ code: 'KT_LOAD_FAILED', retryable: true })
  expect(await deliver(3)).toMatchObject({ from: 42n })
})

test('treats a failing read ticket as a failed load', async () => {
  const { consumer, loads } = await setUp({ versions: { next: () => Promise.reject(new Error('away')) } })
  await expect(consumer.deliver([message({ id: 1 })])).rejects.toMatchObject({ code: 'KT_LOAD_FAILED' })
  expect(loads).toEqual([])
})

test('sends an id that cannot be loaded to the dead letters, and indexes the others', async () => {
  const { consumer, engine, letters } = await setUp({
    index: {
      name: 'cities',
      load: (ids) =>
        ids.includes('nan')
          ? Promise.reject(new Error('invalid input syntax'))
          : Promise.resolve(ids.map((id) => ({ id: Number(id), name: 'x' }))),
      document: () => ({}),
    },
  })
  const batch = [1, 2, 'nan', 4].map((id) => message({ id }))
  await consumer.deliver(batch, { attempt: 2 })
  expect(engine.ids).toEqual([['1', '2'], ['4']])
  expect(letters.sent.map(({ headers }) => headers?.['kt-dead-code'])).toEqual(['KT_LOAD_FAILED'])
})

test('reads again after a stall between read and write, which brought deleted documents back', async () => {
  let now = 0
  vi.spyOn(performance, 'now').mockImplementation(() => now)
  onTestFinished(() => void vi.restoreAllMocks())
  const { consumer, engine, loads, lines, table } = await setUp()
  table.set('1', { id: 1, name: 'Bonn' })
  const definition = table.get.bind(table)
  table.get = (id) => {
    const found = definition(id)
    // Deleted while this process stalls.
    if (loads.length === 1) {
      now += 60_000
      table.delete(id)
    }
    return found
  }
  await consumer.deliver([message({ id: 1 })])
  expect(loads).toEqual([['1'], ['1']])
  expect(engine.sent.map(({ kind }) => kind)).toEqual(['delete'])
  expect(JSON.stringify(lines)).toContain('were read too long ago')
})

test('gives up a document whose promise never settles', async () => {
  const { consumer, engine, letters, table } = await setUp({
    documentTimeoutMs: 20,
    index: {
      name: 'cities',
      load: (ids) => Promise.resolve(ids.flatMap((id) => table.get(id) ?? [])),
      document: ({ name }) => (name === 'Nowhere' ? new Promise<object>(() => undefined) : { name }),
    },
  })
  table.set('1', { id: 1, name: 'Nowhere' })
  table.set('2', { id: 2, name: 'Bonn' })
  await consumer.deliver([message({ id: 1 }), message({ id: 2 })])
  expect(engine.sent.map(({ action }) => action._id)).toEqual(['2'])
  expect(letters.sent.map(({ headers }) => headers?.['kt-dead-code'])).toEqual(['KT_DOCUMENT_FAILED'])
})

test('lets timers run while it builds many slow documents', async () => {
  let turns = 0
  const { consumer, table } = await setUp({
    index: {
      name: 'cities',
      load: (ids) => Promise.resolve(ids.flatMap((id) => table.get(id) ?? [])),
      document: ({ name }) => {
        const endsAtMs = performance.now() + 60
        while (performance.now() < endsAtMs);
        return { name }
      },
    },
  })
  const ids = [1, 2, 3, 4, 5, 6]
  for (const id of ids) table.set(String(id), { id, name: 'Bonn' })
  const timer = setInterval(() => (turns += 1), 1)
  await consumer.deliver(ids.map((id) => message({ id })))
  clearInterval(timer)
  expect(turns).toBeGreaterThan(2)
})

test('run() may be called again after a failure, and close() ends a run that is joining', async () => {
  const consumer = new FakeConsumer()
  const consume = consumer.consume.bind(consumer)
  let calls = 0
  consumer.consume = (options, handler) => {
    calls += 1
    if (calls === 1) return Promise.reject(new Error('no Kafka'))
    if (calls === 2) return consume(options, handler)
    return new Promise((_, reject) => {
      options.signal?.addEventListener('abort', () => reject(new Error('aborted')))
    })
  }
  const options = { client: new FakeEngine(), topic: 'cities', name: 'cities_indexer' }
  const index = { name: 'cities', load: () => Promise.resolve([]), document: () => ({}) }
  const indexer = new Indexer({ ...options, index, consumer })
  await expect(indexer.run()).rejects.toThrow('no Kafka')
  await indexer.run()
  await indexer.close()
  const joining = new Indexer({ ...options, index, consumer })
  const run = joining.run()
  await joining.close()
  await expect(run).rejects.toThrow('aborted')
})
