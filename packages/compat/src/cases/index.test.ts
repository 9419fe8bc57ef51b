import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { filesFolder } from '../run/paths.ts'
import { allCases } from './index.ts'

test('each case has a unique name', () => {
  const names = allCases.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
})

describe.each(allCases)('$name', ({ dependencies = {}, files = [], node, evidence = [] }) => {
  test('has pinned versions', () => {
    const versions = [...Object.values(dependencies), ...(node === undefined ? [] : [node])]
    expect(versions.filter((version) => !/^(npm:[\w-]+@)?\d+\.\d+\.\d+$/.test(version))).toEqual([])
  })

  test('has existing files', () => {
    expect(files.filter((file) => !existsSync(join(filesFolder, file)))).toEqual([])
  })

  test('has evidence if it has an agent, and only then', () => {
    const hasAgent = files.some((file) => file.startsWith('agents/'))
    expect(evidence.length > 0).toBe(hasAgent)
  })
})
