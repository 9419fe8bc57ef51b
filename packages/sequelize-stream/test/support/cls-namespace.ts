import { AsyncLocalStorage } from 'node:async_hooks'

const storage = new AsyncLocalStorage<Map<string, unknown>>()

/** Implements Sequelize's CLS namespace interface with `AsyncLocalStorage`. */
export const clsNamespace = {
  bind: <F>(fn: F): F => fn,
  run: (fn: (context: unknown) => void): void => {
    const context = new Map(storage.getStore())
    storage.run(context, () => fn(context))
  },
  get: (name: string): unknown => storage.getStore()?.get(name),
  set: (name: string, value: unknown): void => void storage.getStore()?.set(name, value),
}
