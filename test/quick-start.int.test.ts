import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from './support/packages.ts'
import { Template } from './support/template.ts'

test('the quick start works as its README says', async () => {
  await using example = await Template.install('quick-start')
  expect(await example.npm('types')).toBe('')
  expect(await example.npm('setup')).toContain(`${example.alias}: now`)
  const worker = example.start('kt', ['run'])
  const shown = await example.npm('demo')
  expect(shown.trim().split('\n')).toEqual([
    "created [ { name: 'Green lamp', price: 30 } ]",
    "updated [ { name: 'Green lamp', price: 25 } ]",
    'destroyed []',
  ])
  expect(await example.end(worker)).toBe(0)
}, 180_000)

test('the quick start of the root README has the files of the example', async () => {
  const readme = await readFile(join(root, 'README.md'), 'utf8')
  const blocks = Array.from(
    readme.matchAll(/^```ts\n\/\/ (\S+)\n(.*?)^```/gmsu),
    ([, name = '', code = '']) => [name, code],
  )
  expect(blocks.map(([name]) => name)).toEqual(['models.ts', 'kt.config.ts', 'demo.ts'])
  for (const [name = '', code] of blocks)
    expect(code).toBe(await readFile(join(root, 'examples/quick-start', name), 'utf8'))
})
