import { expect, test } from 'vitest'
import { FakeConsumer, FakeEngine, FakeProducer } from '../test/support/fakes.ts'
import { Indexer } from './indexer.ts'
import { resolveOptions } from './options.ts'

const valid = {
  consumer: new FakeConsumer(),
  client: new FakeEngine(),
  topic: 'cities',
  name: 'cities_indexer',
  index: { name: 'cities', load: () => Promise.resolve([]), document: () => ({}) },
}

test('fills in the defaults and freezes', () => {
  const resolved = resolveOptions(valid)
  expect(resolved).toMatchObject({
    batchSize: 2_000,
    loadSize: 2_000,
    maxBulkBytes: 8_388_608,
    maxInFlightBytes: 67_108_864,
    requestTimeoutMs: 30_000,
    loadTimeoutMs: 120_000,
    rememberedChanges: 0,
  })
  expect(Object.isFrozen(resolved)).toBe(true)
})

test('remembers changes by default only with read tickets', () => {
  const versions = { next: () => Promise.resolve(1) }
  expect(resolveOptions({ ...valid, versions }).rememberedChanges).toBe(100_000)
  expect(resolveOptions({ ...valid, versions, rememberedChanges: 5 }).rememberedChanges).toBe(5)
})

test.each<[string, object]>([
  ['consumer', { consumer: {} }],
  ['client', { client: {} }],
  ['topic', { topic: '' }],
  ['name', { name: undefined }],
  ['index', { index: { name: 'x', document: () => ({}) } }],
  ['index', { index: { name: 'x', load: () => Promise.resolve([]) } }],
  ['index.name', { index: { ...valid.index, name: '' } }],
  ['index.id', { index: { ...valid.index, id: 'id' } }],
  ['index.options', { index: { ...valid.index, options: {} } }],
  ['partition', { partition: -1 }],
  ['batchSize', { batchSize: 0 }],
  ['loadSize', { loadSize: 0 }],
  ['maxBulkBytes', { maxBulkBytes: '1mb' }],
  ['maxInFlightBytes', { maxInFlightBytes: 0 }],
  ['requestTimeoutMs', { requestTimeoutMs: 0 }],
  ['loadTimeoutMs', { loadTimeoutMs: 0 }],
  ['retry', { retry: 5 }],
  ['retry.initialMs', { retry: { initialMs: 0 } }],
  ['retry.maxMs', { retry: { maxMs: 1.5 } }],
  ['retry.factor', { retry: { factor: 0.5 } }],
  ['versions', { versions: {} }],
  ['rememberedChanges', { rememberedChanges: -1 }],
  ['deadLetters', { deadLetters: { produce: () => Promise.resolve() } }],
  ['logger', { logger: {} }],
  ['meter', { meter: {} }],
])('names the invalid option: %s (%#)', (option, part) => {
  expect(() => new Indexer({ ...valid, deadLetters: new FakeProducer(), ...part })).toThrow(
    `Indexer: option "${option}" must be`,
  )
})
