import { sleep } from '@kt/core'
import Libsql from 'libsql'

/** What `sqlite3` calls back with; its `this` tells what a statement did. */
type Done = (this: Statement, error: Error | null, rows?: unknown[]) => void

/** Sequelize asks for the class of `this` by this name. */
class Statement {
  lastID = 0
  changes = 0
}

/** Just as long `sqlite3` waits for a lock. */
const busyTimeoutMs = 1_000

/**
 * As much of a connection of `sqlite3` as Sequelize uses, on another binding of SQLite: `sqlite3` itself has no binaries
 * in the package registry, and wherever the tests are to run it would take a compiler.
 */
class Database {
  readonly filename: string
  readonly #database: Libsql.Database
  #last: Promise<void> = Promise.resolve()

  constructor(filename: string, _mode: number, opened: (error: null) => void) {
    this.filename = filename
    this.#database = new Libsql(filename)
    setImmediate(opened, null)
  }

  serialize(work: () => unknown): void {
    work()
  }

  run(sql: string, ...rest: [Done?] | [unknown, Done?]): void {
    this.#enqueue(rest, (statement, parameters) => {
      const { lastInsertRowid, changes } = this.#database.prepare(sql).run(...parameters)
      Object.assign(statement, { lastID: Number(lastInsertRowid), changes })
    })
  }

  all(sql: string, ...rest: [Done?] | [unknown, Done?]): void {
    this.#enqueue(rest, (_statement, parameters) => this.#database.prepare(sql).all(...parameters))
  }

  close(done: Done = () => undefined): void {
    this.#enqueue([done], () => void this.#database.close())
  }

  /** One after the other, as they come. */
  #enqueue(
    rest: [Done?] | [unknown, Done?],
    execute: (statement: Statement, parameters: unknown[]) => unknown[] | void,
  ): void {
    const done = rest.findLast((each) => typeof each === 'function') as Done | undefined
    const parameters = typeof rest[0] === 'object' ? toParameters(rest[0]) : []
    const previous = this.#last
    const work = async (): Promise<void> => {
      await previous
      const statement = new Statement()
      try {
        const rows = await untilNotBusy(() => execute(statement, parameters))
        done?.call(statement, null, rows ?? undefined)
      } catch (error) {
        done?.call(statement, asDriverError(error))
      }
    }
    this.#last = work()
  }
}

/** To wait in SQLite would stop the process, and with it the transaction that holds the lock. */
async function untilNotBusy<T>(execute: () => T): Promise<T> {
  const giveUpAtMs = performance.now() + busyTimeoutMs
  for (;;) {
    try {
      return execute()
    } catch (error) {
      if (codeOf(error) !== 'SQLITE_BUSY' || performance.now() > giveUpAtMs) throw error
      await sleep(5)
    }
  }
}

/** Sequelize calls a parameter `$1`, the binding calls it `1`. */
function toParameters(parameters: unknown): unknown[] {
  if (Array.isArray(parameters)) return parameters.map(toParameter)
  const named = Object.entries(parameters as object).map(([name, value]) => [
    name.slice(1),
    toParameter(value),
  ])
  return named.length === 0 ? [] : [Object.fromEntries(named)]
}

function toParameter(value: unknown): unknown {
  return typeof value === 'boolean' ? Number(value) : (value ?? null)
}

/** `sqlite3` tells the class of an error alone, such as `SQLITE_CONSTRAINT`, and puts it before the message. */
function asDriverError(error: unknown): Error {
  const code = codeOf(error).split('_').slice(0, 2).join('_')
  return Object.assign(new Error(`${code}: ${(error as Error).message}`), { code })
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown }).code)
}

/** To be given to Sequelize as its `dialectModule`. */
export const sqlite3Module = { Database, OPEN_READWRITE: 2, OPEN_CREATE: 4 }
