import { Sequelize } from 'sequelize'
import type { Transaction } from 'sequelize'
import type { PathOptions } from './paths/path.ts'
import { clsNamespace } from '../support/cls-namespace.ts'

/** Everything a mode can use. */
interface Attempt {
  readonly sequelize: Sequelize
  readonly write: (options: PathOptions) => Promise<unknown>
  /** Changes a row of another table. */
  readonly mark: (transaction: Transaction) => Promise<unknown>
  /** Reads the changes of this transaction before it ends. */
  readonly inspect: (transaction: Transaction) => Promise<void>
  readonly breakCommit: (transaction: Transaction) => Promise<void>
  readonly afterFailure: (transaction: Transaction) => Promise<void>
}

/** A way to use a transaction, or none. */
export interface Mode {
  readonly name: string
  /** The result of the changes. `failed` means after the delay messages were sent. */
  readonly fate: 'committed' | 'undone' | 'failed'
  run(attempt: Attempt): Promise<void>
}

const committing: readonly Mode[] = [
  {
    name: 'without a transaction',
    fate: 'committed',
    run: async ({ write }) => void (await write({})),
  },
  {
    name: 'in a managed transaction',
    fate: 'committed',
    run: async ({ sequelize, write }) =>
      void (await sequelize.transaction((transaction) => write({ transaction }))),
  },
  {
    name: 'in an unmanaged transaction',
    fate: 'committed',
    run: async ({ sequelize, write }) => {
      const transaction = await sequelize.transaction()
      await write({ transaction })
      await transaction.commit()
    },
  },
  {
    name: 'in a transaction of CLS',
    fate: 'committed',
    run: ({ sequelize, write }) =>
      withCls(async () => void (await sequelize.transaction(async () => write({})))),
  },
  {
    name: 'in a savepoint',
    fate: 'committed',
    run: async ({ sequelize, write, mark }) => {
      await sequelize.transaction(async (outer) => {
        await mark(outer)
        await sequelize.transaction({ transaction: outer }, (transaction) => write({ transaction }))
      })
    },
  },
]

const undoing: readonly Mode[] = [
  {
    name: 'in a savepoint that is rolled back',
    fate: 'undone',
    run: async ({ sequelize, write, mark }) => {
      await sequelize.transaction(async (outer) => {
        await mark(outer)
        const savepoint = await sequelize.transaction({ transaction: outer })
        await write({ transaction: savepoint })
        await savepoint.rollback()
      })
    },
  },
  {
    name: 'in a savepoint whose transaction is rolled back',
    fate: 'undone',
    run: async ({ sequelize, write, mark }) => {
      const outer = await sequelize.transaction()
      await mark(outer)
      await sequelize.transaction({ transaction: outer }, (transaction) => write({ transaction }))
      await outer.rollback()
    },
  },
  {
    name: 'in a transaction whose COMMIT fails',
    fate: 'failed',
    run: async ({ sequelize, write, inspect, breakCommit, afterFailure }) => {
      const transaction = await sequelize.transaction()
      await write({ transaction })
      await inspect(transaction)
      await breakCommit(transaction)
      const error: unknown = await transaction.commit().catch((caught: unknown) => caught)
      await afterFailure(transaction)
      if (error === undefined) throw new Error('COMMIT should have failed')
    },
  },
]

export const modes: readonly Mode[] = [...committing, ...undoing]

/** Enables CLS for all of Sequelize. It can't be disabled. */
async function withCls(run: () => Promise<void>): Promise<void> {
  Sequelize.useCLS(clsNamespace)
  try {
    await run()
  } finally {
    Reflect.deleteProperty(Sequelize, '_cls')
  }
}
