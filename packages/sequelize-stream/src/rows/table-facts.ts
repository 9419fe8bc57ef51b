import type { Sequelize } from 'sequelize'

/** How long a fact about a table is cached. Migrations change facts while the process runs. */
const cachedMs = 60_000

interface Fact {
  readonly value: unknown
  readonly readAtMs: number
}

const known = new WeakMap<Sequelize, Map<string, Fact>>()

/**
 * Returns the result of `read` about a table, cached for a minute. Callers don't share a pending read, because the
 * transaction of another caller may fail.
 *
 * @param name identifies the fact, with everything that it depends on
 */
export async function tableFact<T>(sequelize: Sequelize, name: string, read: () => Promise<T>): Promise<T> {
  const facts = known.get(sequelize) ?? new Map<string, Fact>()
  known.set(sequelize, facts)
  const fact = facts.get(name)
  if (fact !== undefined && performance.now() - fact.readAtMs < cachedMs) return fact.value as T
  const readAtMs = performance.now()
  const value = await read()
  facts.set(name, { value, readAtMs })
  return value
}
