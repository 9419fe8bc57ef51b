import { describe, expect, it } from 'vitest'
import { isWithin, rolledBackWith, rootOf } from './transaction-tree.ts'
import type { OpenTransaction } from '../model/untyped.ts'

interface Tree {
  name: string
  readonly parent?: Tree
  readonly savepoints: Tree[]
}

/** Creates a savepoint with Sequelize's naming: the outer one takes the name of the inner one. */
function savepoint(parent: Tree): Tree {
  const inner: Tree = { name: `t-sp-${parent.savepoints.length + 1}`, parent, savepoints: [] }
  parent.savepoints.push(inner)
  parent.name = inner.name
  return inner
}

function root(): Tree {
  return { name: 't', savepoints: [] }
}

function reached(tree: Tree): unknown {
  return rolledBackWith(tree as unknown as OpenTransaction)
}

describe('savepoints', () => {
  it('have a root', () => {
    const outer = root()
    const inner = savepoint(savepoint(outer)) as unknown as OpenTransaction
    expect(rootOf(inner)).toBe(outer)
    expect(isWithin(inner, outer as unknown as OpenTransaction)).toBe(true)
    expect(isWithin(outer as unknown as OpenTransaction, inner)).toBe(false)
  })

  it('are rolled back separately when they are siblings', () => {
    const outer = root()
    const [one, two] = [savepoint(outer), savepoint(outer)]
    expect(reached(one)).toBe(one)
    expect(reached(two)).toBe(two)
  })

  it('roll back only to the last savepoint nested in them', () => {
    const outer = savepoint(root())
    const inner = savepoint(outer)
    expect(reached(outer)).toBe(inner)
    expect(reached(inner)).toBe(inner)
  })

  it('are uncertain when another has the same name', () => {
    const tree = root()
    const first = savepoint(tree)
    savepoint(first)
    const secondInFirst = savepoint(first)
    savepoint(tree)
    expect(secondInFirst.name).toBe('t-sp-2')
    expect(reached(secondInFirst)).toBeUndefined()
  })
})
