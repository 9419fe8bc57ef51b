import type { Command } from 'commander'
import type { PlannedIndex, PlannedTopic, SyncPlan } from '@kt/sync'
import colors from 'picocolors'
import { exitCodes } from '../exit-codes.ts'
import type { Output } from '../output/output.ts'
import { withSession } from '../session.ts'
import { optionsFor, optionsOf } from './options.ts'

interface PlanFlags {
  readonly offline: boolean
  readonly check: boolean
}

export function addPlan(program: Command): void {
  const { option } = optionsFor('plan')
  program
    .command('plan')
    .description('shows every topic, index and cascade, and what "kt apply" would change; changes nothing')
    .addOption(
      option('--offline', 'connects to nothing, such as in CI: shows all that is wanted').default(false),
    )
    .addOption(
      option('--check', 'exits with 2 if there is anything to change').default(false).conflicts('offline'),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  $ kt plan\n  $ kt plan --offline --json > plan.json\n  $ kt plan --check || kt apply',
    )
    .action(async (_, command: Command) => {
      const { offline, check, ...options } = optionsOf<PlanFlags>(command)
      await withSession(options, [], async ({ sync, output }) => {
        const plan = await sync.plan({ offline })
        writePlan(output, plan)
        output.json(plan)
        return check && plan.hasChanges ? exitCodes.found : exitCodes.ok
      })
    })
}

/** Writes a plan for people. */
function writePlan(
  output: Output,
  { topics, indexes, outbox, cascades, models, hasChanges }: SyncPlan,
): void {
  output.line(colors.bold('Topics'))
  output.table(['', 'topic', 'partitions', 'settings'], topics.map(topicRow))
  output.line(`\n${colors.bold('Indexes')}`)
  output.table(['', 'alias', 'model', 'why'], indexes.map(indexRow))
  if (outbox !== undefined) {
    output.line(`\n${colors.bold('Outbox')}`)
    output.table(['', 'table'], [[markOf(outbox.action), outbox.table]])
  }
  if (cascades.length > 0) {
    output.line(`\n${colors.bold('Cascades')}`)
    const rows = cascades.map(({ name, topic, target }) => [' ', name, `${topic} → ${target}`])
    output.table(['', 'consumer group', 'from → to'], rows)
  }
  output.line(`\nStreamed models: ${models.join(', ')}`)
  if (!hasChanges) output.line(colors.green('\nEverything is as the configuration wants it.'))
}

function topicRow({ topic, partitions, settings, action, differs }: PlannedTopic): readonly string[] {
  const texts = Object.entries(settings).map(([name, value]) => `${name}=${value}`)
  const isDifferent = differs.length > 0
  const found = isDifferent
    ? [colors.yellow(`but it has ${differs.join(' ')}, which apply leaves alone`)]
    : []
  return [
    isDifferent ? colors.yellow('!') : markOf(action),
    topic,
    String(partitions),
    [...texts, ...found].join(' '),
  ]
}

function indexRow({ alias, model, action, reason }: PlannedIndex): readonly string[] {
  return [markOf(action), alias, model, action === 'unknown' ? '' : reason]
}

function markOf(action: PlannedTopic['action'] | PlannedIndex['action']): string {
  if (action === 'none') return colors.green('✓')
  if (action === 'refuse') return colors.red('✖')
  return action === 'unknown' ? ' ' : colors.yellow('+')
}
