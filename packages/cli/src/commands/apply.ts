import type { Command } from 'commander'
import { withSession } from '../session.ts'
import { buildIndexes, resultLine } from './build-indexes.ts'
import { optionsFor, optionsOf } from './options.ts'

interface ApplyFlags {
  readonly replaceIndex: boolean
  readonly newDatabase: boolean
}

export function addApply(program: Command): void {
  const { option } = optionsFor('apply')
  program
    .command('apply')
    .description(
      'creates missing topics, and builds indexes that are missing or outdated, beside those in use',
    )
    .addOption(
      option(
        '--replace-index',
        'replaces an index that has the name of an alias, when its successor is ready',
      ).default(false),
    )
    .addOption(option('--new-database', 'allows to build from another database than before').default(false))
    .addHelpText(
      'after',
      `
Searches and writes go on meanwhile. Ctrl-C and crashes do no harm: the next call continues.

Examples:
  $ kt apply
  $ kt apply --json      # in a deployment`,
    )
    .action(async (_, command: Command) => {
      const { replaceIndex, newDatabase, ...options } = optionsOf<ApplyFlags>(command)
      await withSession(options, async (session) => {
        const results = await buildIndexes(session, { replaceIndex, newDatabase })
        for (const [alias, result] of results) session.output.line(resultLine(alias, result))
        session.output.json(results)
      })
    })
}
