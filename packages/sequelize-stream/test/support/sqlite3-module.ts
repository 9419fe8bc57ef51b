import { sleep } from '@kt/core/internal'
import Libsql from 'libsql'

/** A callback of `sqlite3`. Its `this` contains a statement's results. */
type Done = (this: Statement, error: Error | null, rows?: unknown[]) => void

/** Sequelize checks the class name of `this`. */
class Statement {
  lastID = 0
  changes = 0
}

/** `sqlite3` waits for a lock for the same time. */
const busyTimeoutMs = 1_000

/**
 * The part of a `sqlite3` connection that Sequelize uses, on another binding of SQLite. `sqlite3` has no binaries in
 * the package registry, so it would need a compiler wherever the tests run.
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

  /** Runs statements one after the other. */
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

/** Waiting inside of SQLite would block the process, and with it the transaction that has the lock. */
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

/** Sequelize calls a parameter `$1`, and the binding calls it `1`. */
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

/** `sqlite3` reports only the class of an error, such as `SQLITE_CONSTRAINT`, and puts it before the message. */
function asDriverError(error: unknown): Error {
  const code = codeOf(error).split('_').slice(0, 2).join('_')
  return Object.assign(new Error(`${code}: ${(error as Error).message}`), { code })
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown }).code)
}

/** For Sequelize's option `dialectModule`. */
export const sqlite3Module = { Database, OPEN_READWRITE: 2, OPEN_CREATE: 4 }
