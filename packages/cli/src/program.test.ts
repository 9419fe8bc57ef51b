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

test('no option shares its environment variable with one of another meaning', () => {
  const { commands, options } = createProgram()
  const variables = options.map(({ envVar }) => envVar)
  for (const command of commands.flatMap((each) => [each, ...each.commands]))
    for (const { envVar } of command.options) expect(variables).not.toContain(envVar)
})
