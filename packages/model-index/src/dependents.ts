import { recordsBy } from '@kt/sequelize-stream'
import { attributeValues } from '@kt/sequelize-stream/internal'
import { farKey } from './path.ts'
import type { AnyModel, Step } from './path.ts'

/** Records that have changed. */
export interface Changed {
  readonly ids: readonly string[]
  /** Returns the former values of an attribute, from the `references` of the messages. */
  readonly former: (attribute: string) => readonly string[]
}

/** Selects the records of a model with one of these values in the attribute. */
export interface Match {
  readonly model: AnyModel
  readonly attribute: string
  readonly values: readonly string[]
}

/** Finds the indexed records whose documents contain the changed records at the end of the steps, page by page. */
export async function* dependents(
  steps: readonly Step[],
  changed: Changed,
): AsyncGenerator<readonly object[]> {
  const step = steps.at(-1)
  if (step === undefined) return
  const { model, attribute, values } = await matchOf(step, changed)
  if (values.length === 0) return
  const rest = steps.slice(0, -1)
  if (rest.length === 0) {
    yield* recordsBy(model, attribute as never, values, { paranoid: false })
    return
  }
  for await (const ids of idsOf({ model, attribute, values }))
    // When these records have moved themselves, their own messages reach their former parents.
    yield* dependents(rest, { ids, former: () => [] })
}

/** Returns the condition for the near records of a step. */
export async function matchOf(step: Step, { ids, former }: Changed): Promise<Match> {
  const { near, far, holder, foreignKey, key } = step
  const attribute = holder === 'near' ? foreignKey : key
  const referred = farKey(step)
  const now = isPrimaryKey(far, referred) ? ids : await attributeValues(far, referred, ids)
  return { model: near, attribute, values: [...new Set([...now, ...former(referred)])] }
}

async function* idsOf({ model, attribute, values }: Match): AsyncGenerator<readonly string[]> {
  if (isPrimaryKey(model, attribute)) {
    yield values
    return
  }
  for await (const records of recordsBy(model, attribute as never, values, {
    idsOnly: true,
    paranoid: false,
  }))
    yield records.map(({ id }) => String(id))
}

function isPrimaryKey(model: AnyModel, attribute: string): boolean {
  const [key, ...others] = model.primaryKeyAttributes
  return key === attribute && others.length === 0
}
