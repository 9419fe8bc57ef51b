import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'
import { deletedCity, updatedCity } from '../../changes/document-state.ts'
import type { CityDocument } from '../../index/city-document.ts'
import { searchCities } from '../../index/search-cities.ts'
import { City } from '../../models/city.ts'
import { cityIdSchema, countryCodeSchema, nameSchema, validate } from '../validate.ts'
import type { WebContext } from '../web-context.ts'

const searchSchema = z.object({
  q: z.string().max(100).default(''),
  country: countryCodeSchema.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
})

const losesInstant = z.boolean().default(false)

const citySchema = z.strictObject({
  name: nameSchema.exactOptional(),
  population: z.number().int().min(0).max(2_000_000_000).exactOptional(),
  losesInstant,
})

export function citiesApi({ connections, changes }: WebContext): Hono {
  const { elasticsearch, config } = connections
  return new Hono()
    .get('/', validate('query', searchSchema), async (context) =>
      context.json(await searchCities(elasticsearch, config.index, context.req.valid('query'))),
    )
    .get('/:id', validate('param', cityIdSchema), async (context) => {
      const { id } = context.req.valid('param')
      const [row, document] = await Promise.all([
        City.findByPk(id),
        elasticsearch.get<CityDocument>({ index: config.index, id: String(id) }, { ignore: [404] }),
      ])
      if (row === null && !document.found) throw unknownCity(id)
      return context.json({ row, document: document._source ?? null })
    })
    .patch('/:id', validate('param', cityIdSchema), validate('json', citySchema), async (context) => {
      const { id } = context.req.valid('param')
      const { losesInstant, ...values } = context.req.valid('json')
      const { result: city, committedAtMs } = await changes.write(async (transaction) => {
        const city = await City.findByPk(id, { transaction, lock: true })
        return city?.set(values).save({ transaction })
      }, losesInstant)
      if (city === undefined) throw unknownCity(id)
      const state = updatedCity(elasticsearch, config.index, id, city.updatedAt)
      const title = `${city.name} was changed`
      const change = changes.record({ kind: 'update', title, total: 1, committedAtMs, state, losesInstant })
      return context.json({ row: city, change })
    })
    .delete('/:id', validate('param', cityIdSchema), async (context) => {
      const { id } = context.req.valid('param')
      const { result: city, committedAtMs } = await changes.write(async (transaction) => {
        const city = await City.findByPk(id, { transaction, lock: true })
        await city?.destroy({ transaction })
        return city
      }, false)
      if (city === null) throw unknownCity(id)
      const state = deletedCity(elasticsearch, config.index, id)
      const title = `${city.name} was deleted`
      const change = changes.record({
        kind: 'delete',
        title,
        total: 1,
        committedAtMs,
        state,
        losesInstant: false,
      })
      return context.json({ change })
    })
}

function unknownCity(id: number): HTTPException {
  return new HTTPException(404, { message: `There is no city ${id}` })
}
