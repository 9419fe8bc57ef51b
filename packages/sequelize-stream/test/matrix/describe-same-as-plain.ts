import { inspect } from 'node:util'
import { Association } from 'sequelize'
import type { Model, ModelStatic, Sequelize } from 'sequelize'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Dialect } from './dialect.ts'
import { defineMatrixModels } from './models.ts'
import type { MatrixModels } from './models.ts'
import { failingPaths } from './paths/failing-paths.ts'
import { modelPaths } from './paths/index.ts'
import type { Path, PathOptions } from './paths/path.ts'
import { createWorld, resetTables } from './world.ts'
import type { World } from './world.ts'

const kinds = ['Create', 'Update', 'Save', 'Destroy', 'Restore', 'Upsert', 'Validate'] as const
const bulkKinds = ['BulkCreate', 'BulkUpdate', 'BulkDestroy', 'BulkRestore'] as const
const hookNames = [...kinds, ...bulkKinds].flatMap((kind) => [`before${kind}`, `after${kind}`] as const)

/** The same models on the same tables. One set is streamed. */
interface Side {
  readonly sequelize: Sequelize
  readonly models: MatrixModels
  readonly hooks: string[]
}

/** Every way to write behaves the same with and without a stream. */
export function describeSameAsPlain(dialect: Dialect): void {
  let world: World
  let plain: Side
  let streamed: Side
  beforeAll(async () => {
    world = await createWorld({ ...dialect, setUp: [] })
    world.journal.isBlind = true
    const sequelize = dialect.connect(() => undefined)
    plain = side(sequelize, defineMatrixModels(sequelize))
    streamed = side(world.sequelize, world.models)
  })
  afterAll(async () => {
    await plain.sequelize.close()
    await world.close()
  })

  async function comparedOutcomes(
    path: Omit<Path, 'rows'>,
    inTransaction: boolean,
  ): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = []
    for (const each of [streamed, plain]) {
      await resetTables(world.other, dialect)
      const happened = await outcome(each, path, inTransaction)
      const dump = [...(await world.dump())]
      const rows = dump.flatMap(([table, found]) =>
        [...found.values()].map((row) => comparable([table, row])),
      )
      const left = path.isAnyRow === true ? [`${rows.length} rows`] : rows
      const whole = { ...happened, rows: left }
      outcomes.push(path.isParallel === true ? inAnyOrder(whole) : whole)
    }
    return outcomes
  }

  describe.each([false, true])(
    'has the same result as without a stream; in a transaction: %s',
    (inTransaction) => {
      it.each(modelPaths(dialect.name))('$name', async (path) => {
        const [withStream, without] = await comparedOutcomes(path, inTransaction)
        expect(withStream).toEqual(without)
        expect(withStream?.error).toBe('')
      })

      it.each(failingPaths)('$name', async (path) => {
        const [withStream, without] = await comparedOutcomes(path, inTransaction)
        expect(withStream).toEqual(without)
        expect(withStream?.error).not.toBe('')
      })
    },
  )
}

function side(sequelize: Sequelize, models: MatrixModels): Side {
  const hooks: string[] = []
  for (const [name, model] of Object.entries(models) as [string, ModelStatic<Model>][])
    for (const hook of hookNames)
      model.addHook(hook, (...args: unknown[]) => {
        hooks.push(`${name}.${hook} ${describeOptions(args.at(-1) as Record<string, unknown>)}`)
      })
  return { sequelize, models, hooks }
}

/** Returns a hook's options, and whether it is in a transaction. */
function describeOptions(options: Record<string, unknown>): string {
  const isInTransaction = options['transaction'] !== undefined && options['transaction'] !== null
  const names = Object.keys(options).filter((name) => name !== 'transaction')
  return `${names.toSorted().join(' ')} ${inspect(options['where'], { depth: 3 })}${isInTransaction ? ' in a transaction' : ''}`
}

/** Returns JSON without the parts that differ from run to run. */
function comparable(value: unknown): string {
  const json = JSON.stringify(value ?? null, (_, each: unknown) => {
    // Some mixins return an association.
    if (each instanceof Association) return each.as
    return typeof each === 'bigint' ? `${each}n` : each
  })
  return json.replaceAll(/"\d{4}-\d\d-\d\d[T ][^"]*"/g, '"time"')
}

/** Leaves out everything that depends on the order of statements: the order of hooks, and the keys of new rows. */
function inAnyOrder({ hooks, result, rows, ...others }: Outcome): Outcome {
  const withoutKeys = (json: string): string => json.replaceAll(/\b10\d\d\b/g, 'key')
  const sorted = (texts: readonly string[]): readonly string[] =>
    texts.toSorted((one, other) => (one < other ? -1 : 1))
  return {
    ...others,
    hooks: sorted(hooks),
    result: withoutKeys(result),
    rows: sorted(rows.map(withoutKeys)),
  }
}

interface Outcome {
  readonly result: string
  readonly error: string
  readonly hooks: readonly string[]
  /** The caller's options after the call. */
  readonly options: readonly string[]
  readonly rows: readonly string[]
}

async function outcome(
  { sequelize, models, hooks }: Side,
  path: Omit<Path, 'rows'>,
  inTransaction: boolean,
): Promise<Omit<Outcome, 'rows'>> {
  hooks.length = 0
  const options: PathOptions = {}
  const write = (): Promise<unknown> => path.write({ ...models, sequelize }, options)
  let result: unknown
  let error = ''
  try {
    result = inTransaction
      ? await sequelize.transaction((transaction) => {
          options.transaction = transaction
          return write()
        })
      : await write()
  } catch (caught) {
    // MariaDB's error contains the connection, and the statement with the keys of its rows.
    error = String(caught)
      .replace(/conn=\d+/, '')
      .replace(/\nsql: .*$/s, '')
  }
  return { result: comparable(result), error, hooks: [...hooks], options: Object.keys(options) }
}
