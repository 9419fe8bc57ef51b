import type { Command } from 'commander'
import { services } from '@kt/sync'
import { withSession } from '../session.ts'
import { buildIndexes, resultLine } from './build-indexes.ts'
import { optionsFor, optionsOf } from './options.ts'

interface ReindexFlags {
  readonly rollback?: true | string
  readonly drop?: true | string
  readonly list: boolean
  readonly compare: boolean
}

export function addReindex(program: Command): void {
  const { option } = optionsFor('reindex')
  program
    .command('reindex')
    .argument('<alias>', 'the index')
    .description('builds one index anew if it is outdated, goes back to a former one, or drops former ones')
    .addOption(
      option('--list', 'lists the indexes behind the alias').default(false).conflicts(['rollback', 'drop']),
    )
    .addOption(option('--rollback [index]', 'gives the alias back to a former index (default: the last one)'))
    .addOption(option('--compare', 'with --rollback: compares every document first').default(false))
    .addOption(
      option('--drop [index]', 'deletes an index without the alias (default: all former ones)').conflicts(
        'rollback',
      ),
    )
    .addHelpText(
      'after',
      `
An index is outdated when its mappings, settings or version differ from the configuration.
To build it anew for another reason, raise its version.

Examples:
  $ kt reindex products
  $ kt reindex products --list
  $ kt reindex products --rollback
  $ kt reindex products --drop`,
    )
    .action(async (alias: string, _, command: Command) => {
      const { rollback, drop, list, compare, ...options } = optionsOf<ReindexFlags>(command)
      await withSession(options, services, async (session) => {
        const { sync, output, signal } = session
        const reindexer = sync.reindexer(alias)
        if (list) {
          const generations = await reindexer.generations()
          const rows = generations.map(({ name, isActive, state }) => [
            isActive ? '→' : '',
            name,
            state.phase,
            String(state.version),
          ])
          output.table(['', 'index', 'phase', 'version'], rows)
          return output.json(generations)
        }
        if (rollback !== undefined) {
          const to = rollback === true ? {} : { to: rollback }
          const generation = await reindexer.rollback({ ...to, compare, signal })
          output.line(`${alias}: back to ${generation.name}`)
          return output.json(generation)
        }
        if (drop !== undefined) {
          const dropped = await reindexer.drop(drop === true ? {} : { generation: drop })
          output.line(dropped.length === 0 ? 'There was nothing to drop' : `Dropped ${dropped.join(', ')}`)
          return output.json({ dropped })
        }
        const results = await buildIndexes(session, { indexes: [alias] })
        for (const [name, result] of results) output.line(resultLine(name, result))
        return output.json(results)
      })
    })
}
