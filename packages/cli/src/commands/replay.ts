import { InvalidArgumentError } from 'commander'
import type { Command } from 'commander'
import { services } from '@kt/sync'
import { replay } from '@kt/sequelize-stream'
import type { WhereOptions } from 'sequelize'
import { count, Progress } from '../output/progress.ts'
import { withSession } from '../session.ts'
import { UserError } from '../user-error.ts'
import { optionsFor, optionsOf } from './options.ts'

interface ReplayFlags {
  readonly since?: Date
  readonly where?: WhereOptions
  readonly ids?: readonly string[]
  readonly all: boolean
  readonly rate?: number
}

export function addReplay(program: Command): void {
  const { option, integer } = optionsFor('replay')
  program
    .command('replay')
    .argument('<model>', 'the name of a streamed model, such as Product')
    .description('sends the messages of some records again, so that they are indexed and cascaded afresh')
    .addOption(option('--since <time>', 'those written since then, by their updatedAt').argParser(toDate))
    .addOption(option('--where <json>', 'those that a Sequelize condition selects').argParser(toCondition))
    .addOption(
      option('--ids <id...>', 'those with these ids; they may be deleted').conflicts(['since', 'where']),
    )
    .addOption(option('--all', 'all records').default(false).conflicts(['since', 'where', 'ids']))
    .addOption(integer('--rate <records>', 'the most records per second (default: as fast as possible)'))
    .addHelpText(
      'after',
      `
Examples:
  $ kt replay Product --since 2026-01-01T12:00:00Z
  $ kt replay Product --where '{"brandId":7}' --rate 1000
  $ kt replay Product --ids 17 42`,
    )
    .action(async (name: string, _, command: Command) => {
      const { since, where, ids, all, rate, ...options } = optionsOf<ReplayFlags>(command)
      if (!all && since === undefined && where === undefined && ids === undefined)
        throw new UserError('Which records?', 'Give --since, --where or --ids, or --all.')
      await withSession(options, services, async ({ sync, config, output, signal }) => {
        const model = config.sequelize.models[name]
        if (model === undefined)
          throw new UserError(
            `There is no model "${name}"`,
            `There are ${Object.keys(config.sequelize.models).join(', ')}.`,
          )
        sync.stream()
        using progress = new Progress(sync)
        const bar = progress.add(name)
        const sent = await replay(model, {
          updateStreamer: sync.updateStreamer,
          ...(since && { since }),
          ...(ids && { ids: ids.flatMap((each) => each.split(',')) }),
          ...(where && { where }),
          ...(all && { where: {} }),
          ...(rate !== undefined && { recordsPerSecond: rate }),
          signal,
          onProgress: ({ sent: done }) => bar.update({ text: `${count(done)} sent` }),
        })
        output.line(`${count(sent)} records were sent again`)
        output.json({ model: name, sent })
      })
    })
}

function toDate(text: string): Date {
  const date = new Date(text)
  if (Number.isNaN(date.getTime()))
    throw new InvalidArgumentError('It must be a time, such as 2026-01-31T12:00Z.')
  return date
}

function toCondition(text: string): WhereOptions {
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as WhereOptions
  } catch {
    // Said below.
  }
  throw new InvalidArgumentError('It must be a JSON object, such as \'{"brandId":7}\'.')
}
