import type { ReadTickets, RecordSource } from '@kt/core'
import type { Model, ModelStatic, Sequelize } from 'sequelize'

export function modelSource<M extends Model>(model: ModelStatic<M>): RecordSource<M> {
  return {
    load: (ids) => model.findAll({ where: { id: [...ids] } as never, useMaster: true }),
    id: (record) => String(record.get('id')),
  }
}

export function readTickets(sequelize: Sequelize): ReadTickets {
  const created = sequelize.query('CREATE SEQUENCE IF NOT EXISTS kt_tickets')
  return {
    next: async () => {
      await created
      const [rows] = await sequelize.query("SELECT nextval('kt_tickets') AS ticket", { useMaster: true })
      return Number((rows as { ticket: string }[])[0]?.ticket)
    },
  }
}
