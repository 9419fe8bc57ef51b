import { everything, namesOf } from './shops.ts'
import type { Stage } from './stage.ts'

/** Compares each document with the one that the database makes. */
export async function differences({ models, whenIndexed, documents }: Stage): Promise<readonly unknown[]> {
  await whenIndexed()
  const found = new Map([...(await documents())].map(([id, document]) => [id, JSON.stringify(document)]))
  const shops = await models.Shop.findAll({ include: everything })
  const expected = new Map(shops.map((shop) => [String(shop.id), JSON.stringify(namesOf(shop))]))
  return [...new Set([...found.keys(), ...expected.keys()])]
    .filter((id) => found.get(id) !== expected.get(id))
    .map((id) => ({ id, found: found.get(id), expected: expected.get(id) }))
}
