import { Consumer, GroupMonitor } from '@kt/consumer'
import { silentLogger } from '@kt/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkFrame } from '../src/index.ts'
import type { FrameOptions, FrameProblem } from '../src/index.ts'
import { openStage } from './support/stage.ts'
import type { Stage } from './support/stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage(import.meta.url)
})
afterAll(() => stage[Symbol.asyncDispose]())

const codes = async (options: Partial<FrameOptions> = {}): Promise<string[]> =>
  (await checkFrame({ client: stage.client, index: stage.index.name, ...options })).map(({ code }) => code)

/** Sets a setting of the index during an action. */
async function withSetting(settings: object, undo: object, action: () => Promise<void>): Promise<void> {
  const { client, index } = stage
  await client.indices.putSettings({ index: index.name, settings })
  try {
    await action()
  } finally {
    await client.indices.putSettings({ index: index.name, settings: undo })
  }
}

test('has nothing to say about a right index', async () => {
  expect(await codes({ mappings: { dynamic: false } })).toEqual([])
})

test('an index that is not there', async () => {
  expect(await codes({ index: 'nowhere' })).toEqual(['index-missing'])
})

test('a closed index', async () => {
  const { client, index } = stage
  await client.indices.close({ index: index.name })
  expect(await codes()).toEqual(['index-closed'])
  await client.indices.open({ index: index.name })
})

test('an index that takes no writes', async () => {
  await withSetting(
    { 'blocks.read_only_allow_delete': true },
    { 'blocks.read_only_allow_delete': null },
    async () => {
      expect(await codes()).toEqual(['index-read-only'])
    },
  )
})

test('an index that forgets deletes too soon', async () => {
  await withSetting({ gc_deletes: '5s' }, { gc_deletes: null }, async () => {
    expect(await codes()).toEqual(['gc-deletes-short'])
  })
})

test('other mappings', async () => {
  const mappings = { dynamic: 'strict', properties: { name: { type: 'text' } } }
  const [problem] = await checkFrame({ client: stage.client, index: stage.index.name, mappings })
  expect(problem).toMatchObject({
    code: 'mapping-differs',
    message: expect.stringContaining('dynamic, properties') as string,
  })
})

test('an alias of several indexes without a write index', async () => {
  const { client, index, scope } = stage
  const alias = scope.index('alias')
  const other = scope.index('other')
  await client.indices.create({ index: other })
  await client.indices.putAlias({ index: [index.name, other], name: alias })
  expect(await codes({ index: alias })).toEqual(['alias-ambiguous'])
  await client.indices.delete({ index: other })
  expect(await codes({ index: alias })).toEqual([])
})

test('a group without members, and one that is at work', async () => {
  const kafka = stage.scope.kafka()
  await using idle = new GroupMonitor({ kafka, topic: stage.heal.topic, name: 'nobody' })
  await using busy = new GroupMonitor({ kafka, topic: stage.heal.topic, name: stage.scope.topic('indexer') })
  const [problem, ...others] = await checkFrame({
    client: stage.client,
    index: stage.index.name,
    groups: [idle, busy],
  })
  expect(problem).toMatchObject({ code: 'group-empty', subject: `nobody of ${stage.heal.topic}` })
  expect(others).toEqual([])
})

test('a delay topic that loses messages', async () => {
  const { scope } = stage
  const topic = await scope.createTopic('short', { config: { 'retention.ms': '1000' } })
  await using consumer = new Consumer({ kafka: () => scope.kafka(), logger: silentLogger })
  const found = await checkFrame({
    client: stage.client,
    index: stage.index.name,
    delay: { topic, delayMs: 300_000, consumer },
  })
  expect(found.map(({ code, subject }) => [code, subject])).toContainEqual(['delay-settings', topic])
})

test('open dead letters', async () => {
  expect(await codes({ deadLetters: () => Promise.resolve(3n) })).toEqual(['dead-letters'])
  expect(await codes({ deadLetters: () => Promise.resolve(0n) })).toEqual([])
})

test('a check that fails is a problem', async () => {
  const deadLetters = () => Promise.reject(new Error('Kafka is away'))
  expect(await codes({ deadLetters })).toEqual(['unknown'])
})

test('watching reports what breaks and what is mended, and goes on verifying', async () => {
  const { client, index, newVerifier } = stage
  const ending = new AbortController()
  const heard: (readonly FrameProblem[])[] = []
  const reports: unknown[] = []
  const watching = newVerifier().watch({
    frame: { client, index: index.name },
    frameEveryMs: 20,
    pauseMs: 20,
    onProblems: (problems) => heard.push(problems),
    onReport: (report) => reports.push(report),
    signal: ending.signal,
  })
  await expect.poll(() => reports.length).toBeGreaterThan(1)
  await client.indices.close({ index: index.name })
  await expect.poll(() => heard.length).toBe(1)
  await client.indices.open({ index: index.name })
  await expect.poll(() => heard.length).toBe(2)
  const before = reports.length
  await expect.poll(() => reports.length, { timeout: 10_000 }).toBeGreaterThan(before)
  ending.abort()
  await watching
  expect(heard.map((problems) => problems.map(({ code }) => code))).toEqual([['index-closed'], []])
})
