import { expect, test } from 'vitest'
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
