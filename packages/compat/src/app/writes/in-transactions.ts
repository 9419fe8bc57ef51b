import type { Sequelize, Transaction } from 'sequelize'
import type { AnyModel } from '../models.ts'

/** A transaction of the caller in an unusual situation. */
export interface TransactionWrite {
  readonly name: string
  readonly mustFail?: boolean
  readonly write: (sequelize: Sequelize, City: AnyModel, base: number) => Promise<unknown>
}

const name = (base: number, index: number): string => `City ${base} in a transaction ${index}`

export const transactionWrites: readonly TransactionWrite[] = [
  {
    name: 'several writes in one transaction',
    write: (sequelize, City, base) =>
      sequelize.transaction(async (transaction) => {
        const city = await City.create({ name: name(base, 1) }, { transaction })
        await city.update({ population: 9 }, { transaction })
        await City.bulkCreate([{ name: name(base, 2) }, { name: name(base, 3) }], { transaction })
        return City.update({ population: 8 }, { where: { name: name(base, 2) }, transaction })
      }),
  },
  {
    name: 'nested savepoints',
    write: (sequelize, City, base) =>
      sequelize.transaction(async (outer) => {
        const first = await City.create({ name: name(base, 4) }, { transaction: outer })
        const second = await sequelize.transaction({ transaction: outer }, (inner) =>
          City.create({ name: name(base, 5) }, { transaction: inner }),
        )
        return [first, second]
      }),
  },
  {
    name: 'a savepoint that is rolled back',
    write: (sequelize, City, base) =>
      sequelize.transaction(async (outer) => {
        const kept = await City.create({ name: name(base, 6) }, { transaction: outer })
        await sequelize
          .transaction({ transaction: outer }, async (inner) => {
            await City.create({ name: name(base, 7) }, { transaction: inner })
            throw new Error('Not this one')
          })
          .catch(() => undefined)
        return kept
      }),
  },
  {
    name: 'a failing write in a savepoint',
    write: (sequelize, City, base) =>
      sequelize.transaction(async (outer) => {
        const taken = await City.create({ name: name(base, 8) }, { transaction: outer })
        const error = await sequelize
          .transaction({ transaction: outer }, (inner) =>
            City.create({ name: name(base, 8) }, { transaction: inner }),
          )
          .then(
            () => 'no error',
            (reason: unknown) => String(reason),
          )
        return [taken, error]
      }),
  },
  {
    name: 'a transaction that the caller commits',
    write: async (sequelize, City, base) => {
      const transaction = await sequelize.transaction()
      const city = await City.create({ name: name(base, 9) }, { transaction })
      await transaction.commit()
      return city
    },
  },
  {
    name: 'a transaction that the caller rolls back',
    write: async (sequelize, City, base) => {
      const transaction = await sequelize.transaction()
      await City.create({ name: name(base, 10) }, { transaction })
      await City.update({ population: 77 }, { where: { id: base + 1 }, transaction })
      await transaction.rollback()
    },
  },
  {
    name: 'a transaction whose work throws',
    mustFail: true,
    write: (sequelize, City, base) =>
      sequelize.transaction(async (transaction) => {
        await City.create({ name: name(base, 11) }, { transaction })
        throw new Error('Changed my mind')
      }),
  },
  {
    name: 'afterCommit',
    write: async (sequelize, City, base) => {
      const heard: string[] = []
      await sequelize.transaction(async (transaction: Transaction) => {
        transaction.afterCommit(() => void heard.push('committed'))
        await City.create({ name: name(base, 12) }, { transaction })
      })
      return heard
    },
  },
]
