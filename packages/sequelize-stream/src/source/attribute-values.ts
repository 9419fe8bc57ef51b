import type { AnyModel, Row } from '../model/types.ts'
import { referencesIn } from '../model/references.ts'
import { modelSource } from './model-source.ts'

/** How many records are read at once. */
const pageSize = 10_000

/**
 * Reads the values that the records with these ids have in an attribute, such as the countries of some cities. Includes
 * soft-deleted records and ignores scopes. Returns distinct values as strings, as in `references`, without null.
 *
 * @throws KtError `KT_LOAD_FAILED`, with the database's error as its cause
 */
export async function attributeValues(
  model: AnyModel,
  attribute: string,
  ids: readonly string[],
): Promise<readonly string[]> {
  const source = modelSource(model.unscoped(), { attributes: [attribute], raw: true, paranoid: false })
  const values = new Set<string>()
  for (let start = 0; start < ids.length; start += pageSize)
    for (const row of await source.load(ids.slice(start, start + pageSize)))
      for (const value of referencesIn(row as Row, [attribute])[attribute] ?? []) values.add(String(value))
  return [...values]
}
