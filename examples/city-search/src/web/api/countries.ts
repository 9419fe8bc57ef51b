import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'
import { updatedCountry } from '../../changes/document-state.ts'
import { City } from '../../models/city.ts'
import { Country } from '../../models/country.ts'
import { countryCodeSchema, nameSchema, validate } from '../validate.ts'
import type { WebContext } from '../web-context.ts'

const codeSchema = z.object({ code: countryCodeSchema })
const countrySchema = z.strictObject({ name: nameSchema, losesInstant: z.boolean().default(false) })

export function countriesApi({ connections, changes }: WebContext): Hono {
  const { elasticsearch, config } = connections
  return new Hono()
    .get('/', async (context) =>
      context.json(await Country.findAll({ attributes: ['code', 'name'], order: ['name'] })),
    )
    .patch('/:code', validate('param', codeSchema), validate('json', countrySchema), async (context) => {
      const { code } = context.req.valid('param')
      const { name, losesInstant } = context.req.valid('json')
      const { result, committedAtMs } = await changes.write(async (transaction) => {
        const country = await Country.findByPk(code, { transaction, lock: true })
        await country?.update({ name }, { transaction })
        return country && { country, cities: await City.count({ where: { countryCode: code }, transaction }) }
      }, losesInstant)
      if (result === null) throw new HTTPException(404, { message: `There is no country ${code}` })
      const { country, cities } = result
      const state = updatedCountry(elasticsearch, config.index, {
        code,
        updatedAt: country.updatedAt,
        cities,
      })
      const title = `${name} is the new name of ${code}`
      const change = changes.record({
        kind: 'country',
        title,
        total: cities,
        committedAtMs,
        state,
        losesInstant,
      })
      return context.json({ row: country, change })
    })
}
