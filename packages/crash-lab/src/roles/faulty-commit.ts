import type { Sequelize } from 'sequelize'
import type { FaultInjector } from './fault-injector.ts'

type Query = (sql: unknown, options?: unknown) => Promise<unknown>

/** Makes every COMMIT of a Sequelize instance pass fault points: before it, during it, and after it. */
export function injectCommitFaults(sequelize: Sequelize, faults: FaultInjector): void {
  const query = sequelize.query.bind(sequelize) as Query
  const faulty: Query = async (sql, options) => {
    if (sql !== 'COMMIT;') return query(sql, options)
    await faults.pass('commit.before')
    const [result] = await Promise.all([query(sql, options), faults.pass('commit.in-flight')])
    await faults.pass('commit.after')
    return result
  }
  Object.assign(sequelize, { query: faulty })
}
