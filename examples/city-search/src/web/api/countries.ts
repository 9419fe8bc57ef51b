import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'
import { updatedCountry } from '../../changes/document-state.ts'
import { City } from '../../models/city.ts'
import { Country } from '../../models/country.ts'
import { countryCodeSchema, losesInstantSchema, nameSchema, validate } from '../validate.ts'
import type { WebContext } from '../web-context.ts'

const codeSchema = z.strictObject({ code: countryCodeSchema })
const countrySchema = z.strictObject({ name: nameSchema, losesInstant: losesInstantSchema })

/** A country has no document. The Cascader keeps its name in its cities' documents up to date. */
export function countriesApi({ changes }: WebContext): Hono {
  return new Hono()
    .get('/', async (context) =>
      context.json(await Country.findAll({ attributes: ['code', 'name'], order: ['name'] })),
    )
    .patch('/:code', validate('param', codeSchema), validate('json', countrySchema), async (context) => {
      const { code } = context.req.valid('param')
      const { name, losesInstant } = context.req.valid('json')
      const { result, ...timed } = await changes.write(async (transaction, save) => {
        const rejectOnEmpty = new HTTPException(404, { message: `There is no country ${code}` })
        const country = await Country.findByPk(code, { transaction, lock: true, rejectOnEmpty })
        const before = country.name
        country.name = name
        await save(country)
        return { country, before, total: await City.count({ where: { countryCode: code }, transaction }) }
      }, losesInstant)
      const { country, before, total } = result
      if (before === name) return context.json({ row: country, change: null })
      const title = `${before} is now ${name}`
      const state = updatedCountry({ code, updatedAt: country.updatedAt, total })
      const change = changes.record({
        kind: 'country',
        record: `countries/${code}`,
        title,
        total,
        state,
        ...timed,
      })
      return context.json({ row: country, change })
    })
}
