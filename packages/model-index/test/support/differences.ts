import type { Includeable } from 'sequelize'
import type { AnyModel } from './shops.ts'
import type { Setting, Stage } from './stage.ts'

/** Compares each document with the one that the database makes. */
export async function differences(stage: Stage<Setting<object>>): Promise<readonly unknown[]> {
  await stage.whenIndexed()
  const found = new Map([...(await stage.documents())].map(([id, each]) => [id, JSON.stringify(each)]))
  const expected = await documentsOf(stage.setting.indexed, stage.setting.query)
  return [...new Set([...found.keys(), ...expected.keys()])]
    .filter((id) => found.get(id) !== expected.get(id))
    .map((id) => ({ id, found: found.get(id), expected: expected.get(id) }))
}

/** The documents of all records that a query finds, as JSON, by id. */
export async function documentsOf(
  model: AnyModel,
  { attributes, include, paranoid = true, document }: Setting['query'],
): Promise<ReadonlyMap<string, string>> {
  const records = await model.findAll({
    paranoid,
    ...(attributes !== undefined && { attributes }),
    ...(include !== undefined && {
      include: (Array.isArray(include) ? include : [include]) as Includeable[],
    }),
  })
  const documents = await Promise.all(records.map(async (record) => document(record)))
  return new Map(records.map(({ id }, index) => [String(id), JSON.stringify(documents[index])]))
}
