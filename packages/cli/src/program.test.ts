import { expect, test } from 'vitest'
import { createProgram } from './program.ts'

test('every command has a description, and every option a description and an environment variable', () => {
  const { commands } = createProgram()
  const all = commands.flatMap((command) => [command, ...command.commands])
  expect(all.length).toBeGreaterThan(12)
  for (const command of all) {
    expect(command.description()).not.toBe('')
    for (const option of command.options) {
      expect(option.description).not.toBe('')
      expect(option.envVar).toMatch(/^KT_[A-Z_]+$/u)
    }
  }
})

test('a flag was on when its variable said that it is off', () => {
  process.env['KT_JSON'] = 'false'
  const program = createProgram()
  program.commands.forEach((command) => command.action(() => undefined))
  program.parse(['node', 'kt', 'plan'])
  expect(program.opts()).toMatchObject({ json: false })
})

test('a variable of a flag was on whatever it said, and an index was deleted', () => {
  process.env['KT_APPLY_REPLACE_INDEX'] = 'banana'
  expect(() => createProgram()).toThrow('KT_APPLY_REPLACE_INDEX must be true or false')
  process.env['KT_APPLY_REPLACE_INDEX'] = 'off'
  expect(createProgram).not.toThrow()
  expect(process.env['KT_APPLY_REPLACE_INDEX']).toBeUndefined()
})

test('a variable changes the options of one command alone', () => {
  const { commands, options } = createProgram()
  const all = commands.flatMap((command) => [command, ...command.commands])
  const variables = [...options, ...all.flatMap((command) => command.options)].map(({ envVar }) => envVar)
  const shared = new Set(variables.filter((each, number) => variables.indexOf(each) !== number))
  // Those of the commands below dead-letters mean the same.
  expect([...shared].every((each) => each?.startsWith('KT_DEAD_LETTERS_'))).toBe(true)
})
