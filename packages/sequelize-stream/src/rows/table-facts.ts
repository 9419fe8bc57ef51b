import type { Sequelize } from 'sequelize'

/** How long a fact about a table is believed: migrations change it while the process runs. */
const believedMs = 60_000

interface Fact {
  readonly value: unknown
  readonly readAtMs: number
}

const known = new WeakMap<Sequelize, Map<string, Fact>>()

/**
 * What `read` finds out about a table, or has found out within the last minute. Nobody waits for what another asks: its
 * transaction may fail.
 *
 * @param name of the fact, with all that it depends on
 */
export async function tableFact<T>(sequelize: Sequelize, name: string, read: () => Promise<T>): Promise<T> {
  const facts = known.get(sequelize) ?? new Map<string, Fact>()
  known.set(sequelize, facts)
  const fact = facts.get(name)
  if (fact !== undefined && performance.now() - fact.readAtMs < believedMs) return fact.value as T
  const readAtMs = performance.now()
  const value = await read()
  facts.set(name, { value, readAtMs })
  return value
}
