import type { Command } from 'commander'
import type { OpenDeadLetter } from '@kt/sync'
import { exitCodes } from '../exit-codes.ts'
import type { GlobalOptions } from '../session.ts'
import { withSession } from '../session.ts'
import { UserError } from '../user-error.ts'
import { optionsFor, optionsOf } from './options.ts'

const { option, integer } = optionsFor('dead-letters')

interface LetterFlags {
  readonly topic?: string
  readonly code?: string
  readonly limit?: number
}

const defaultLimit = 100

export function addDeadLetters(program: Command): void {
  const group = program
    .command('dead-letters')
    .description('messages that were given up: lists them, shows one, puts them back')
  addList(group)
  addShow(group)
  addRedrive(group)
}

function addList(group: Command): void {
  group
    .command('list')
    .description('lists those that were not put back, newest last; exits with 2 if there are any')
    .addOption(option('--topic <topic>', 'of this topic alone'))
    .addOption(option('--code <code>', 'with this reason, such as KT_DOCUMENT_REJECTED'))
    .addOption(integer('--limit <n>', 'the most per topic').default(defaultLimit))
    .action(async (_, command: Command) => {
      const { topic, code, limit, ...options } = optionsOf<LetterFlags>(command)
      await withSession(options, ['Kafka'], async ({ sync, output, signal }) => {
        const letters = await sync.deadLetters({
          signal,
          ...(topic !== undefined && { topic }),
          ...(code !== undefined && { filter: (letter) => letter.code === code }),
          ...(limit !== undefined && { limit }),
        })
        if (letters.length === 0) output.line('There are no dead letters')
        output.table(['topic', 'letter', 'record', 'reason', 'given up'], letters.map(rowOf))
        output.json(letters.map(({ value: _value, ...rest }) => rest))
        return letters.length === 0 ? exitCodes.ok : exitCodes.found
      })
    })
}

function addShow(group: Command): void {
  group
    .command('show')
    .argument('<topic>', 'the topic that it came from')
    .argument('<letter>', 'as "list" shows it, such as 0-17')
    .description('shows one dead letter with its message, which may contain personal data')
    .action(async (topic: string, id: string, _, command: Command) => {
      await withSession(optionsOf<GlobalOptions>(command), ['Kafka'], async ({ sync, output, signal }) => {
        const filter = (each: OpenDeadLetter): boolean => each.letter === id
        const [letter] = await sync.deadLetters({ topic, filter, signal })
        if (letter === undefined)
          throw new UserError(`There is no open letter ${id} of ${topic}`, 'See "kt dead-letters list".')
        const { value, ...rest } = letter
        for (const [name, each] of Object.entries(rest))
          output.line(`${name.padEnd(12)} ${textOf(name, each)}`)
        const message = value && new TextDecoder().decode(value)
        output.line(`${'message'.padEnd(12)} ${message}`)
        output.json({ ...rest, message })
      })
    })
}

function addRedrive(group: Command): void {
  group
    .command('redrive')
    .description('puts dead letters back on their topic, so that their records are indexed again')
    .addOption(option('--topic <topic>', 'the topic that they came from (required)').makeOptionMandatory())
    .addOption(option('--code <code>', 'with this reason alone'))
    .addOption(option('--id <id>', 'of this record alone'))
    .addHelpText(
      'after',
      '\nExample:\n  $ kt dead-letters redrive --topic products --code KT_DOCUMENT_REJECTED',
    )
    .action(async (_, command: Command) => {
      const flags = optionsOf<LetterFlags & { readonly topic: string; readonly id?: string }>(command)
      const { topic, code, id } = flags
      await withSession(flags, ['Kafka'], async ({ sync, output, signal }) => {
        const filter = (letter: { readonly code: string; readonly id?: string }): boolean =>
          (code === undefined || letter.code === code) && (id === undefined || letter.id === id)
        const result = await sync.redrive({ topic, filter, signal })
        output.line(`${result.redriven} were put back, ${result.skipped} stay`)
        output.json(result)
      })
    })
}

function rowOf({ topic, letter, id = '', code, status, type, givenUpMs }: OpenDeadLetter): readonly string[] {
  const reason = [code, status, type].filter((each) => each !== undefined).join(' ')
  return [topic, letter, id, reason, new Date(givenUpMs).toISOString()]
}

function textOf(name: string, value: unknown): string {
  return name.endsWith('Ms') ? new Date(Number(value)).toISOString() : String(value)
}
