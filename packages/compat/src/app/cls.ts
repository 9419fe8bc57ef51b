import { AsyncLocalStorage } from 'node:async_hooks'
import { Sequelize } from 'sequelize'

/** Passes transactions by CLS from now on. Implements Sequelize's namespace interface with `AsyncLocalStorage`. */
export function useCls(): void {
  const storage = new AsyncLocalStorage<Map<string, unknown>>()
  Sequelize.useCLS({
    bind: <F>(fn: F): F => fn,
    run: (fn: (context: unknown) => void): void => {
      const context = new Map(storage.getStore())
      storage.run(context, () => fn(context))
    },
    get: (name: string): unknown => storage.getStore()?.get(name),
    set: (name: string, value: unknown): void => void storage.getStore()?.set(name, value),
  })
}
