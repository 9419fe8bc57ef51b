import { afterAll, beforeAll } from 'vitest'
import type { TestScope } from '../scope/test-scope.ts'
import { createTestScope } from '../scope/test-scope.ts'

/** An implementation of a port that can be closed. */
export type Adapter<Port> = Port & AsyncDisposable

/** Creates the adapter under test, on the scope's services. */
export type MakeAdapter<Port> = (scope: TestScope) => Adapter<Port> | Promise<Adapter<Port>>

/** Declares a scope for the tests of the surrounding `describe`. */
export function useScope(name: string): () => TestScope {
  let scope: TestScope | undefined
  beforeAll(async () => {
    scope = await createTestScope(name)
  })
  afterAll(() => scope?.close())
  return () => {
    if (scope === undefined) throw new Error('The scope only exists from beforeAll on')
    return scope
  }
}
