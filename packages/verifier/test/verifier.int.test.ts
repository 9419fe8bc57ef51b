import { setTimeout } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Difference, VerifyPosition, VerifyProgress } from '../src/index.ts'
import { openStage } from './support/stage.ts'
import type { Stage } from './support/stage.ts'

const products = 400

let stage: Stage
beforeAll(async () => {
  stage = await openStage(import.meta.url)
  await stage.Product.bulkCreate(
    Array.from({ length: products }, (_, index) => ({
      id: index + 1,
      name: `Product ${index + 1}`,
      isHidden: index + 1 > products - 10,
    })),
  )
  await stage.whenIndexed()
})
afterAll(() => stage[Symbol.asyncDispose]())
afterEach(async () => {
  await stage.sequelize.query(`UPDATE "Products" SET "isHidden" = false WHERE id = 300`)
  await stage.newVerifier().verify({ heal: true })
})

const right = { missing: 0, stale: 0, orphaned: 0, duplicate: 0, healed: 0, unbuildable: 0, unsettled: 0 }

let damages = 0
/** The id of the next product. */
let nextId = 2_000

/** Damages the index behind the back of the Indexer: 3 missing, 2 stale and 4 orphaned documents. */
async function damage(): Promise<Difference[]> {
  const { client, index, sequelize } = stage
  for (const id of ['1', '100', '390']) await client.delete({ index: index.name, id })
  await client.update({ index: index.name, id: '2', doc: { name: 'Wrong' } })
  await sequelize.query(`UPDATE "Products" SET name = 'Changed by hand ${++damages}' WHERE id = 200`)
  for (const id of ['1001', '1002', '-5']) await client.index({ index: index.name, id, document: { id } })
  await sequelize.query(`UPDATE "Products" SET "isHidden" = true WHERE id = 300`)
  return [
    ...['1', '100', '390'].map((id) => ({ id, kind: 'missing' as const })),
    ...['2', '200'].map((id) => ({ id, kind: 'stale' as const })),
    ...['1001', '1002', '-5', '300'].map((id) => ({ id, kind: 'orphaned' as const })),
  ]
}

const byId = (differences: readonly Difference[]): Difference[] =>
  differences.toSorted((one, other) => Number(one.id) - Number(other.id))

test('a right index has no differences', async () => {
  const report = await stage.newVerifier().verify()
  expect(report).toMatchObject({
    ...right,
    documents: products - 10,
    records: products - 10,
    differences: [],
  })
})

test('finds what is missing, stale and orphaned, and nothing else', async () => {
  const expected = await damage()
  const report = await stage.newVerifier().verify()
  expect(byId(report.differences)).toEqual(byId(expected))
  expect(report).toMatchObject({ ...right, missing: 3, stale: 2, orphaned: 4 })
})

test('heals what it finds, and looks again', async () => {
  await damage()
  const heard: Difference[] = []
  const verifier = stage.newVerifier()
  const report = await verifier.verify({ heal: true, onDifference: (each) => heard.push(each) })
  expect(report).toMatchObject({ missing: 3, stale: 2, orphaned: 4, healed: 9 })
  expect(heard.every(({ healed }) => healed)).toBe(true)
  expect(await verifier.verify()).toMatchObject(right)
})

test('compares only the suspects when it is told some', async () => {
  await damage()
  const report = await stage.newVerifier().suspect([1, 2, 3, 1001, 5000])
  expect(byId(report.differences)).toEqual([
    { id: '1', kind: 'missing' },
    { id: '2', kind: 'stale' },
    { id: '1001', kind: 'orphaned' },
  ])
})

test('says what is still wrong when the Indexer does not heal it in time', async () => {
  const { client, index, newVerifier, scope } = stage
  await client.delete({ index: index.name, id: '1' })
  const nowhere = await scope.createTopic('nowhere')
  const producer = { batch: async () => undefined } as never
  const heal = { producer, topic: nowhere, timeoutMs: 100 }
  const report = await newVerifier({ heal }).verify({ heal: true })
  expect(report).toMatchObject({
    missing: 1,
    healed: 0,
    differences: [{ id: '1', kind: 'missing', healed: false }],
  })
})

test('ends although healing only rewrites what is wrong', async () => {
  const { newVerifier } = stage
  const isSame = () => false
  const heal = { ...stage.heal, timeoutMs: 100 }
  const report = await newVerifier({ isSame, heal, pageSize: 50 }).verify({ heal: true })
  expect(report).toMatchObject({ stale: products - 10, healed: 0 })
})

test('a record whose document cannot be built is counted, and is no difference', async () => {
  await stage.sequelize.query(`UPDATE "Products" SET name = 'unbuildable' WHERE id = 7`)
  expect(await stage.newVerifier().verify()).toMatchObject({ ...right, unbuildable: 1 })
  await stage.Product.update({ name: 'Product 7' }, { where: { id: 7 } })
  await stage.whenIndexed()
})

describe('while records change', () => {
  test.each([
    ['told when changes have arrived', {}],
    ['not told when changes have arrived', { whenCaughtUp: undefined, settleMs: 2_000 }],
  ])('there is no false alarm, %s', async (_, options) => {
    const { Product, newVerifier, whenIndexed } = stage
    const writing = new AbortController()
    const write = async (): Promise<void> => {
      for (let count = 0; !writing.signal.aborted; count++) {
        const where = { id: 1 + ((count * 7) % 300) }
        await Product.update({ name: `Renamed ${count}` }, { where })
        if (count % 3 === 0) await Product.create({ id: nextId++, name: `New ${count}` })
        if (count % 5 === 0) await Product.destroy({ where: { id: nextId - 3 } })
        if (count % 7 === 0) await Product.update({ isHidden: count % 2 === 0 }, { where: { id: 350 } })
        await setTimeout(5)
      }
    }
    const writers = [write()]
    const verifier = newVerifier({ pageSize: 50, ...options } as never)
    const reports = []
    for (let pass = 0; pass < 3; pass++) reports.push(await verifier.verify())
    writing.abort()
    await Promise.all(writers)
    await whenIndexed()
    for (const report of reports) expect(report).toMatchObject({ ...right, differences: [] })
  })

  test('a record that came and went was reported as missing', async () => {
    const { client, index, newVerifier, indexer } = stage
    const source = await client.get({ index: index.name, id: '360' })
    let absences = 0
    // Whenever the Verifier looks, the document is not there. In between, it is.
    const whenCaughtUp = async (): Promise<void> => {
      await indexer.whenCaughtUp()
      if (absences++ === 3) return
      await client.delete({ index: index.name, id: '360' })
      void setTimeout(100).then(() =>
        client.index({ index: index.name, id: '360', document: source._source }),
      )
    }
    const report = await newVerifier({ whenCaughtUp, settleMs: 500 }).suspect([360])
    expect(report).toMatchObject({ ...right, differences: [] })
    expect(absences).toBe(4)
  })

  test('a real difference is found', async () => {
    const { Product, client, index, newVerifier, whenIndexed } = stage
    await client.delete({ index: index.name, id: '1' })
    const writing = new AbortController()
    const write = async (): Promise<void> => {
      for (let count = 0; !writing.signal.aborted; count++)
        await Product.update({ name: `Renamed ${count}` }, { where: { id: 2 + (count % 50) } })
    }
    const writer = write()
    const report = await newVerifier().verify()
    writing.abort()
    await writer
    await whenIndexed()
    expect(report.differences).toEqual([{ id: '1', kind: 'missing' }])
  })
})

test('reports its progress', async () => {
  const phases: string[] = []
  await stage.newVerifier({ pageSize: 100 }).verify({
    onProgress: ({ phase, done, total }) => {
      expect(done).toBeLessThanOrEqual(total)
      phases.push(phase)
    },
  })
  expect(new Set(phases)).toEqual(new Set(['documents', 'records']))
})

test('keeps to its rate, and can be aborted', async () => {
  const started = performance.now()
  const aborted = new AbortController()
  const verifying = stage.newVerifier({ recordsPerSecond: 100 }).verify({
    signal: aborted.signal,
    onProgress: ({ done }) => done >= 100 && aborted.abort(),
  })
  await expect(verifying).rejects.toThrow(expect.objectContaining({ code: 'KT_ABORTED' }))
  expect(performance.now() - started).toBeLessThan(30_000)
})

test('an abort after the scan, while differences are looked at again, is no report', async () => {
  await damage()
  const aborted = new AbortController()
  const verifying = stage.newVerifier({ settleMs: 60_000 }).verify({
    signal: aborted.signal,
    onProgress: ({ phase, done }) => phase === 'records' && done >= products && aborted.abort(),
  })
  await expect(verifying).rejects.toThrow(expect.objectContaining({ code: 'KT_ABORTED' }))
})

describe('a verification that was ended', () => {
  test('is continued where everything before was judged, and finds the rest', async () => {
    const expected = await damage()
    const heard: Difference[] = []
    const onDifference = (each: Difference): unknown => heard.push(each)
    const verifier = stage.newVerifier({ pageSize: 20, recordsPerSecond: 400, settleMs: 10 })
    let from: VerifyPosition | undefined
    let runs = 0
    for (let isDone = false; !isDone; runs++) {
      const ending = new AbortController()
      let moves = 0
      const onProgress = ({ position }: VerifyProgress): void => {
        if (position === undefined || position === from) return
        from = position
        if (++moves > 5) ending.abort()
      }
      isDone = await verifier
        .verify({ onDifference, onProgress, signal: ending.signal, ...(from && { from }) })
        .then(
          () => true,
          () => false,
        )
    }
    expect(runs).toBeGreaterThan(2)
    // What was judged after the last position is told again.
    const kinds = new Map(heard.map(({ id, kind }) => [id, kind]))
    expect(kinds).toEqual(new Map(expected.map(({ id, kind }) => [id, kind])))
  })

  test('is not continued in another index', async () => {
    const from = { indexes: ['other'], phase: 'documents', shard: 0, after: 3 } as const
    await expect(stage.newVerifier().verify({ from })).rejects.toMatchObject({ code: 'KT_OPTION_INVALID' })
  })
})

test('an index that is not there is an error, not a difference', async () => {
  const index = { ...stage.index, name: 'nowhere' }
  await expect(stage.newVerifier({ index }).verify()).rejects.toThrow(/index_not_found/)
})

test.each([
  [{ settleMs: -1 }, 'settleMs'],
  [{ pageSize: 0 }, 'pageSize'],
  [{ recordsPerSecond: 0 }, 'recordsPerSecond'],
  [{ client: {} }, 'client'],
  [{ index: {} }, 'index'],
])('refuses the options %j', (options, name) => {
  expect(() => stage.newVerifier(options as never)).toThrow(
    expect.objectContaining({ code: 'KT_OPTION_INVALID', message: expect.stringContaining(name) as string }),
  )
})
