import type { Command } from 'commander'
import colors from 'picocolors'
import { withSession } from '../session.ts'
import type { Session } from '../session.ts'
import { buildIndexes, resultLine } from './build-indexes.ts'
import { optionsFor, optionsOf } from './options.ts'

interface ApplyFlags {
  readonly replaceIndex: boolean
  readonly newDatabase: boolean
  readonly olderVersion: boolean
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
    .addOption(option('--older-version', 'allows a lower version than the index has').default(false))
    .addHelpText(
      'after',
      `
Searches and writes go on meanwhile. Ctrl-C and crashes do no harm: the next call continues.

Examples:
  $ kt apply
  $ kt apply --json      # in a deployment`,
    )
    .action(async (_, command: Command) => {
      const { replaceIndex, newDatabase, olderVersion, ...options } = optionsOf<ApplyFlags>(command)
      await withSession(options, [], async (session) => {
        const results = await buildIndexes(session, { replaceIndex, newDatabase, olderVersion })
        for (const [alias, result] of results) session.output.line(resultLine(alias, result))
        await warnUnfed(session)
        session.output.json(results)
      })
    })
}

/** A new index that nobody feeds falls behind at once. */
async function warnUnfed({ sync }: Session): Promise<void> {
  const { groups } = await sync.status()
  for (const { alias, members } of groups)
    if (alias !== undefined && members === 0)
      console.error(colors.yellow(`! No worker keeps ${alias} up to date yet. Start one with "kt run"`))
}
