import { Hono } from 'hono'
import { z } from 'zod'
import { deletedCity, updatedCity } from '../../changes/document-state.ts'
import { City } from '../../models/city.ts'
import { cityIdSchema, losesInstantSchema, nameSchema, validate } from '../validate.ts'
import type { WebContext } from '../web-context.ts'
import { unknownCity } from './unknown-city.ts'

const citySchema = z.strictObject({
  name: nameSchema.exactOptional(),
  population: z.number().int().min(0).max(2_000_000_000).exactOptional(),
  losesInstant: losesInstantSchema,
})

/** Writing. Only the database is written. The models stream the changes, and the workers do the rest. */
export function cityEditsApi({ changes }: WebContext): Hono {
  return new Hono()
    .patch('/:id', validate('param', cityIdSchema), validate('json', citySchema), async (context) => {
      const { id } = context.req.valid('param')
      const { losesInstant, ...values } = context.req.valid('json')
      const { result, ...timed } = await changes.write(async (transaction, save) => {
        const city = await City.findByPk(id, { transaction, lock: true, rejectOnEmpty: unknownCity(id) })
        const before = city.name
        const isChanged = city.set(values).changed() !== false
        await save(city)
        return { city, before, isChanged }
      }, losesInstant)
      const { city, before, isChanged } = result
      if (!isChanged) return context.json({ row: city, change: null })
      const title = before === city.name ? `${before} was changed` : `${before} is now ${city.name}`
      const state = updatedCity(id, city.updatedAt)
      const change = changes.record({
        kind: 'update',
        record: `cities/${id}`,
        title,
        total: 1,
        state,
        ...timed,
      })
      return context.json({ row: city, change })
    })
    .delete('/:id', validate('param', cityIdSchema), async (context) => {
      const { id } = context.req.valid('param')
      const { result: city, committedAtMs } = await changes.write(async (transaction) => {
        const city = await City.findByPk(id, { transaction, lock: true, rejectOnEmpty: unknownCity(id) })
        await city.destroy({ transaction })
        return city
      })
      const title = `${city.name} was deleted`
      const state = deletedCity(id)
      const change = changes.record({
        kind: 'delete',
        record: `cities/${id}`,
        title,
        total: 1,
        committedAtMs,
        state,
      })
      return context.json({ change })
    })
}
