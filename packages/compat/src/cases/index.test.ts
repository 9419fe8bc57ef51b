import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { filesFolder } from '../run/paths.ts'
import { allCases } from './index.ts'

test('each case has a name of its own', () => {
  const names = allCases.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
})

describe.each(allCases)('$name', ({ dependencies = {}, files = [], node, evidence = [] }) => {
  test('has pinned versions', () => {
    const versions = [...Object.values(dependencies), ...(node === undefined ? [] : [node])]
    expect(versions.filter((version) => !/^(npm:[\w-]+@)?\d+\.\d+\.\d+$/.test(version))).toEqual([])
  })

  test('has files that are there', () => {
    expect(files.filter((file) => !existsSync(join(filesFolder, file)))).toEqual([])
  })

  test('says what its agent must have seen, if it has one', () => {
    const hasAgent = files.some((file) => file.startsWith('agents/'))
    expect(evidence.length > 0).toBe(hasAgent)
  })
})
