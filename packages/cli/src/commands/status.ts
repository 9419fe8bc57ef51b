import { setTimeout } from 'node:timers/promises'
import type { Command } from 'commander'
import type { GroupStatus, SyncStatus } from '@kt/sync'
import logUpdate from 'log-update'
import colors from 'picocolors'
import { exitCodes } from '../exit-codes.ts'
import { count, duration } from '../output/progress.ts'
import { tableOf, write } from '../output/output.ts'
import { reportError } from '../output/report-error.ts'
import { withSession } from '../session.ts'
import { optionsFor, optionsOf } from './options.ts'

interface StatusFlags {
  readonly watch: boolean
  readonly interval: number
}

export function addStatus(program: Command): void {
  const { option, integer } = optionsFor('status')
  program
    .command('status')
    .description('shows lag, delay backlog, rates, how long catching up takes, and dead letters')
    .addOption(option('--watch', 'shows it again and again, with rates, until Ctrl-C').default(false))
    .addOption(integer('--interval <ms>', 'with --watch: how often').default(2_000))
    .addHelpText(
      'after',
      '\nExamples:\n  $ kt status\n  $ kt status --watch\n  $ kt status --watch --json | jq .groups',
    )
    .action(async (_, command: Command) => {
      const { watch, interval, ...options } = optionsOf<StatusFlags>(command)
      await withSession(options, [], async ({ sync, output, signal }) => {
        let before: SyncStatus | undefined
        const unread = new AbortController()
        process.stdout.once('error', () => unread.abort())
        const ended = AbortSignal.any([signal, unread.signal])
        const show = async (): Promise<void> => {
          const status = await sync.status()
          output.json(status)
          if (!output.isJson) draw(textOf(status, before), watch)
          before = status
        }
        await show()
        if (!watch) return before?.away.length === 0 ? exitCodes.ok : exitCodes.failed
        while (!ended.aborted) {
          await setTimeout(interval, undefined, { signal: ended }).catch(() => undefined)
          // A service that is away for a moment doesn't end it.
          if (!ended.aborted) await show().catch(reportError)
        }
        return exitCodes.ok
      })
    })
}

function draw(text: string, isWatching: boolean): void {
  if (isWatching && process.stdout.isTTY) logUpdate(text)
  else write(text)
}

function textOf(status: SyncStatus, before: SyncStatus | undefined): string {
  const { groups, deadLetters, outbox, away, missingIndexes, missingTopics } = status
  const rows = groups.map((group) => rowOf(group, status, before))
  const letters = deadLetters.filter(({ open }) => open > 0)
  return [
    ...(rows.length === 0
      ? []
      : [tableOf(['role', 'group', 'topic', 'workers', 'waiting', 'oldest', 'rate', 'caught up in'], rows)]),
    ...letters.map(({ topic, open }) =>
      colors.red(`✖ ${count(open)} dead letters of ${topic}: kt dead-letters list`),
    ),
    ...(outbox === undefined || outbox === 0
      ? []
      : [colors.yellow(`! ${count(outbox)} messages wait in the outbox`)]),
    ...away.map(({ message }) => colors.red(`✖ ${message}`)),
    ...missingIndexes.map((name) => colors.red(`✖ There is no index ${name}: kt apply`)),
    ...missingTopics.map((name) => colors.red(`✖ There is no topic ${name}: kt apply`)),
  ].join('\n')
}

function rowOf(
  group: GroupStatus,
  { at, delayMs }: SyncStatus,
  before: SyncStatus | undefined,
): readonly string[] {
  const { role, name, topic, members, lag, oldestAgeMs } = group
  const perSecond = rateOf(group, at, before)
  const isWaiting = role === 'delayer' && lag > 0 && oldestAgeMs <= delayMs
  return [
    role,
    name,
    topic,
    members === 0 ? colors.red('none') : String(members),
    isWaiting ? `${count(lag)} not due` : count(lag),
    lag === 0 ? '' : duration(oldestAgeMs),
    perSecond === undefined ? '' : `${count(Math.round(perSecond))}/s`,
    etaOf(lag, perSecond, isWaiting),
  ]
}

/** How many messages the group has handled per second since the last look. */
function rateOf(
  { name, topic, position }: GroupStatus,
  at: Date,
  before: SyncStatus | undefined,
): number | undefined {
  const earlier = before?.groups.find((each) => each.name === name && each.topic === topic)
  if (before === undefined || earlier === undefined) return undefined
  return Math.max(0, (position - earlier.position) / ((at.getTime() - before.at.getTime()) / 1_000))
}

function etaOf(lag: number, perSecond: number | undefined, isWaiting: boolean): string {
  if (lag === 0 || isWaiting) return colors.green('✓')
  return perSecond === undefined || perSecond === 0 ? '?' : duration((lag / perSecond) * 1_000)
}
