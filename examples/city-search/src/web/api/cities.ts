import { Hono } from 'hono'
import { z } from 'zod'
import type { CityDocument } from '../../index/city-document.ts'
import { cityIndex } from '../../index/city-index.ts'
import { search } from '../../index/client.ts'
import { searchCities } from '../../index/search-cities.ts'
import { City } from '../../models/city.ts'
import { cityIdSchema, countryCodeSchema, validate } from '../validate.ts'
import { unknownCity } from './unknown-city.ts'

const searchSchema = z.strictObject({
  q: z.string().max(100).default(''),
  country: countryCodeSchema.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
})

/** Reading. Searches use only Elasticsearch. A single city is shown both as its row and as its document. */
export function citiesApi(): Hono {
  return new Hono()
    .get('/', validate('query', searchSchema), async (context) =>
      context.json(await searchCities(context.req.valid('query'))),
    )
    .get('/:id', validate('param', cityIdSchema), async (context) => {
      const { id } = context.req.valid('param')
      const [row, document] = await Promise.all([
        City.findByPk(id, { include: ['country'] }),
        search.get<CityDocument>({ index: cityIndex.name, id: String(id) }, { ignore: [404] }),
      ])
      if (row === null && !document.found) throw unknownCity(id)
      return context.json({ row, document: document._source ?? null })
    })
}
