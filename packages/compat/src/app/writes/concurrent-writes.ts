import type { Models } from '../models.ts'
import { found } from './write.ts'

export const writers = 16

/** The writes of one concurrent writer, on a record of its own. */
export async function writeConcurrently({ City }: Models, id: number): Promise<unknown> {
  await City.create({ id, name: `Concurrent ${id}` })
  const city = await found(City.findByPk(id))
  await city.update({ population: id })
  await City.increment('population', { where: { id } })
  return city.reload()
}
