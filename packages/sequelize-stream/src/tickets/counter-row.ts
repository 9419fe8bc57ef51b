import { DataTypes } from 'sequelize'
import type { Sequelize, Transaction } from 'sequelize'
import { firstTicket } from './first-ticket.ts'
import { ticketIn, ticketQuery } from './ticket-counter.ts'
import type { TicketCounter } from './ticket-counter.ts'

/** A row that every ticket increments, for databases without sequences. */
export function counterRow(sequelize: Sequelize, name: string): TicketCounter {
  const queries = sequelize.getQueryInterface()
  const table = queries.quoteIdentifier(name, true)
  return {
    create: async () => {
      const columns = {
        id: { type: DataTypes.INTEGER, primaryKey: true },
        ticket: { type: DataTypes.BIGINT, allowNull: false },
      }
      await queries.createTable(name, columns, { logging: false })
      const insert = `INSERT INTO ${table} (id, ticket) SELECT 1, ${firstTicket()} FROM (SELECT 1 AS one) AS dual1 WHERE NOT EXISTS (SELECT 1 FROM ${table} WHERE id = 1)`
      try {
        await sequelize.query(insert, ticketQuery)
      } catch (error) {
        // Another process may have inserted the row at the same moment, so check whether it exists.
        const rows = await sequelize.query(`SELECT id FROM ${table} WHERE id = 1`, ticketQuery)
        if (rows[0].length === 0) throw error
      }
    },
    raise: async (ticket) => {
      await sequelize.query(
        `UPDATE ${table} SET ticket = ${ticket} WHERE id = 1 AND ticket < ${ticket}`,
        ticketQuery,
      )
    },
    next: () => sequelize.transaction((transaction) => take(sequelize, table, transaction)),
  }
}

async function take(sequelize: Sequelize, table: string, transaction: Transaction): Promise<number> {
  const options = { ...ticketQuery, transaction }
  await sequelize.query(`UPDATE ${table} SET ticket = ticket + 1 WHERE id = 1`, options)
  return ticketIn(await sequelize.query(`SELECT ticket FROM ${table} WHERE id = 1`, options))
}
