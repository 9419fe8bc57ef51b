import { randomBytes } from 'node:crypto'
import { Sequelize } from 'sequelize'
import type { Transaction } from 'sequelize'
import { generatedKeys } from '../matrix/dialect.ts'
import type { Breakable, Dialect } from '../matrix/dialect.ts'

/** Creates a database on this server. */
export async function mariadb(url: string): Promise<Dialect> {
  const name = `kt_${randomBytes(6).toString('hex')}`
  const server = new Sequelize(url, { logging: false })
  await server.query(`CREATE DATABASE ${name}`)
  const { username, password, hostname, port } = new URL(url)
  return {
    name: 'mariadb',
    connect: (logging, options) =>
      new Sequelize(name, decodeURIComponent(username), decodeURIComponent(password), {
        dialect: 'mariadb',
        host: hostname,
        port: Number(port || 3306),
        dialectOptions: { multipleStatements: true },
        pool: { max: 3 },
        logging,
        ...options,
      }),
    commits: /COMMIT|TRUNCATE/,
    takesBatches: true,
    setUp: [],
    series: (count) => `SELECT seq AS n FROM seq_1_to_${count}`,
    restartKeys: Object.keys(generatedKeys).map((table) => `ALTER TABLE ${table} AUTO_INCREMENT = 1001`),
    breakCommit: killBeforeCommit,
    close: async () => {
      await server.query(`DROP DATABASE ${name}`)
      await server.close()
    },
  }
}

/** MariaDB has no deferred constraints, so the connection is cut right before the COMMIT. */
async function killBeforeCommit(transaction: Transaction, { sequelize, other }: Breakable): Promise<void> {
  const [rows] = await sequelize.query('SELECT CONNECTION_ID() AS id', { transaction })
  const [{ id } = { id: 0 }] = rows as { id: number | bigint }[]
  const queries = sequelize.getQueryInterface() as unknown as Committing
  queries.commitTransaction = async (...args) => {
    Reflect.deleteProperty(queries, 'commitTransaction')
    await other.query(`KILL CONNECTION ${id}`)
    await queries.commitTransaction(...args)
  }
}

interface Committing {
  commitTransaction(...args: readonly unknown[]): Promise<void>
}
