import { col, DataTypes, fn, Sequelize } from 'sequelize'
import type { FindAttributeOptions } from 'sequelize'
import { createTestScope } from 'testkit'
import type { TestScope } from 'testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { modelSource, readTickets } from '../src/index.ts'
import { defineModels, resetRows } from './support/models.ts'
import type { Models } from './support/models.ts'

let scope: TestScope
let sequelize: Sequelize
let models: Models
beforeAll(async () => {
  scope = await createTestScope(import.meta.url)
  sequelize = new Sequelize(scope.databaseUrl, { logging: false })
  models = defineModels(sequelize)
  await sequelize.sync()
  await resetRows(sequelize)
})
afterAll(async () => {
  await sequelize.close()
  await scope.close()
})

describe('modelSource', () => {
  it('loads existing records with their includes', async () => {
    const source = modelSource(models.City, { include: ['country'] })
    const cities = await source.load(['1', '3', '99', '1'])
    expect(cities.map((city) => source.id(city)).toSorted()).toEqual(['1', '3'])
    expect(cities.map((city) => (city.get('country') as { name: string }).name).toSorted()).toEqual([
      'France',
      'Germany',
    ])
  })

  it('loads plain objects if they suffice', async () => {
    const source = modelSource(models.City, {
      raw: true,
      include: ['country', { model: models.Mayor, as: 'mayor', attributes: ['name'] }],
    })
    const cities = (await source.load(['1', '3', '99'])).toSorted((a, b) => a.id - b.id)
    expect(cities.map((city) => source.id(city))).toEqual(['1', '3'])
    const berlin = { id: 1, name: 'Berlin', population: 100, countryCode: 'DE' }
    expect(cities[0]).toEqual({
      ...berlin,
      country: { code: 'DE', name: 'Germany' },
      mayor: { id: 1, name: 'Kai' },
    })
    expect(cities[1]).toMatchObject({ name: 'Paris', mayor: null })
    const tags = modelSource(models.CityTag, { raw: true })
    expect((await tags.load(['1,1'])).map((each) => tags.id(each))).toEqual(['1,1'])
  })

  it.each([true, false])('takes attributes like Sequelize, and adds the key (raw: %j)', async (raw) => {
    const shouted: [ReturnType<typeof fn>, string] = [fn('upper', col('City.name')), 'shouted']
    const loaded = async (attributes: FindAttributeOptions): Promise<unknown> => {
      // Each of the two overloads accepts one of them.
      const source = raw
        ? modelSource(models.City, { attributes, raw: true })
        : modelSource(models.City, { attributes })
      const [city] = await source.load(['1'])
      return JSON.parse(JSON.stringify(city)) as unknown
    }
    expect(await loaded(['name'])).toEqual({ id: 1, name: 'Berlin' })
    expect(await loaded([shouted])).toEqual({ id: 1, shouted: 'BERLIN' })
    expect(await loaded({ exclude: ['id', 'population', 'countryCode'] })).toEqual({ id: 1, name: 'Berlin' })
    expect(await loaded({ include: [shouted] })).toMatchObject({ id: 1, population: 100, shouted: 'BERLIN' })
  })

  it('distinguishes an included record with only a key from none', async () => {
    await models.Mayor.create({ id: 7, name: null, cityId: 2 })
    const include = [{ association: 'mayor', attributes: ['name'] }]
    const cities = await modelSource(models.City, { raw: true, include }).load(['2', '3'])
    const mayors = cities.map((city) => (city as unknown as { mayor: unknown }).mayor)
    expect(mayors).toEqual(expect.arrayContaining([{ id: 7, name: null }, null]))
  })

  it('rejects plain objects if one record would become several rows', () => {
    const raw = { raw: true } as const
    const { City, Country, Note, Tag } = models
    const scoped = Country.scope()
    scoped.addScope('full', { include: ['cities'] })
    const refused: (() => unknown)[] = [
      () => modelSource(City, { ...raw, include: 'tags' }),
      () => modelSource(City, { ...raw, include: [Tag] }),
      () => modelSource(Note, { ...raw, include: { association: 'city', include: ['tags'] } }),
      () => modelSource(scoped, { ...raw, scope: 'full' }),
      () => modelSource(City, { ...raw, include: { all: true } }),
    ]
    for (const each of refused) expect(each).toThrow(/option "(include|scope)" must be .* when raw is true/)
  })

  it('leaves out records that do not belong in the index', async () => {
    const ids = ['1', '2', '3']
    const loaded = async (
      source: ReturnType<typeof modelSource<InstanceType<Models['City']>>>,
    ): Promise<string[]> => (await source.load(ids)).map((city) => source.id(city)).toSorted()
    expect(await loaded(modelSource(models.City, { where: { countryCode: 'DE' } }))).toEqual(['1', '2'])
    expect(await loaded(modelSource(models.City, { scope: ['german', 'large'] }))).toEqual(['1'])
    expect(await loaded(modelSource(models.City.scope('large')))).toEqual(['1', '3'])
    const notes = modelSource(models.Note)
    expect((await notes.load(['1', '2'])).map((note) => notes.id(note))).toEqual(['1'])
    const all = modelSource(models.Note, { paranoid: false })
    expect(await all.load(['1', '2'])).toHaveLength(2)
  })

  it('supports composite keys, and keys in renamed columns', async () => {
    const tags = modelSource(models.CityTag)
    expect((await tags.load(['1,1', '1,2', '1'])).map((each) => tags.id(each))).toEqual(['1,1'])
    const events = modelSource(models.Event)
    const [event] = await events.load(['9007199254740993'])
    expect(event && events.id(event)).toBe('9007199254740993')
  })

  it.each([
    [DataTypes.INTEGER, 7, ['abc', '1.5', '99999999999', '', '7; DROP TABLE', '\0', '007', '-0', '7}']],
    [DataTypes.BIGINT, '8', ['99999999999999999999', 'x']],
    [DataTypes.UUID, '1b4e28ba-2fa1-41d2-883f-0016d3cca427', ['1b4e28ba', 'zzz', '{}']],
    [DataTypes.STRING, 'a,b', ['\0', 'none']],
    [DataTypes.DATEONLY, '2024-02-29', ['2024-02-30', 'yesterday']],
    [DataTypes.ENUM('a', 'b'), 'a', ['c']],
    [DataTypes.DECIMAL(4, 1), '1.5', ['one']],
  ])("skips ids that the column can't contain: %s", async (type, key, others) => {
    const model = sequelize.define(
      `Keyed${String(key)}`,
      { key: { type, primaryKey: true } },
      { timestamps: false },
    )
    await model.sync({ force: true })
    await model.create({ key })
    const source = modelSource(model)
    const records = await source.load([...others, String(key)])
    expect(records.map((each) => source.id(each))).toEqual([String(key)])
  })

  it('reads outside of any transaction, and from the primary', async () => {
    const statements: unknown[] = []
    sequelize.addHook('beforeFind', 'spy', (options) => void statements.push(options))
    await modelSource(models.City).load(['1'])
    sequelize.removeHook('beforeFind', 'spy')
    expect(statements).toMatchObject([{ useMaster: true, transaction: null }])
  })

  it("rejects with the reason and a retryable error if it can't read", async () => {
    const model = sequelize.define('Missing', {})
    await expect(modelSource(model).load(['1'])).rejects.toMatchObject({
      code: 'KT_LOAD_FAILED',
      retryable: true,
    })
  })
})

describe('readTickets', () => {
  it('grow across processes that create the sequence at the same time', async () => {
    const others = [1, 2, 3].map(() => new Sequelize(scope.databaseUrl, { logging: false }))
    const all = others.map((each) => readTickets(each))
    const tickets = await Promise.all(all.flatMap((each) => [each.next(), each.next(), each.next()]))
    expect(new Set(tickets).size).toBe(9)
    const later = await readTickets(sequelize).next()
    expect(later).toBeGreaterThan(Math.max(...tickets))
    await Promise.all(others.map((each) => each.close()))
  })

  it('are recreated when the sequence is gone', async () => {
    const tickets = readTickets(sequelize, { name: 'my "own" tickets' })
    const before = await tickets.next()
    await sequelize.query('DROP SEQUENCE "my own tickets"')
    await expect(tickets.next()).rejects.toMatchObject({ code: 'KT_LOAD_FAILED', retryable: true })
    // Otherwise versions of the dropped counter would silently win over all later ones.
    expect(await tickets.next()).toBeGreaterThan(before)
  })
})
