import type { Command } from 'commander'
import { services } from '@kt/sync'
import type { Difference, VerifyReport } from '@kt/verifier'
import { exitCodes } from '../exit-codes.ts'
import { Progress, rateText } from '../output/progress.ts'
import type { Session } from '../session.ts'
import { UserError } from '../user-error.ts'
import { withSession } from '../session.ts'
import { optionsFor, optionsOf } from './options.ts'

interface VerifyFlags {
  readonly heal: boolean
  readonly rate?: number
  readonly ids?: readonly string[]
}

/** So many differences are shown. */
const mostShown = 20

export function addVerify(program: Command): void {
  const { option, integer } = optionsFor('verify')
  program
    .command('verify')
    .argument('[alias...]', 'the indexes (default: all)')
    .description('compares every document with its record, and every record with its document')
    .addOption(option('--heal', 'indexes the records of wrong documents again').default(false))
    .addOption(integer('--rate <records>', 'the most records per second (default: as fast as possible)'))
    .addOption(option('--ids <id...>', 'compares these records alone'))
    .addHelpText(
      'after',
      '\nExits with 2 if differences are left.\n\nExamples:\n  $ kt verify\n  $ kt verify products --heal --rate 5000\n  $ kt verify products --ids 17 42',
    )
    .action(async (aliases: readonly string[], _, command: Command) => {
      const { heal, rate, ids, ...options } = optionsOf<VerifyFlags>(command)
      if (ids !== undefined && aliases.length !== 1)
        throw new UserError('Of which index are these ids?', 'Name one: kt verify products --ids 17 42')
      await withSession(options, services, async (session) => {
        const names = aliases.length > 0 ? aliases : session.config.indexes.map(({ name }) => name)
        const reports: VerifyReport[] = []
        for (const alias of names)
          reports.push(
            await verify(session, alias, { heal, ...(rate !== undefined && { rate }), ...(ids && { ids }) }),
          )
        session.output.json(reports)
        return reports.every(isRight) ? exitCodes.ok : exitCodes.found
      })
    })
}

async function verify(
  session: Session,
  alias: string,
  { heal, rate, ids }: VerifyFlags,
): Promise<VerifyReport> {
  const { sync, output, signal } = session
  const generations = await sync.reindexer(alias).generations()
  if (!generations.some(({ isActive }) => isActive))
    throw new UserError(`There is no index "${alias}"`, 'Create it with "kt apply".')
  const verifier = sync.verifier(alias, rate === undefined ? {} : { recordsPerSecond: rate })
  const startedAtMs = performance.now()
  const verifying = async (): Promise<VerifyReport> => {
    if (ids !== undefined)
      return verifier.suspect(
        ids.flatMap((each) => each.split(',')),
        { heal, signal },
      )
    using progress = new Progress(sync)
    const bar = progress.add(alias)
    const verified = await verifier.verify({
      heal,
      signal,
      onProgress: ({ phase, done, total }) => {
        const perSecond = Math.round((done / (performance.now() - startedAtMs)) * 1_000)
        bar.update({ done, total, text: `${phase}: ${rateText({ done, total, perSecond })}` })
      },
    })
    bar.update({ done: 1, text: 'done' })
    return verified
  }
  const report = await verifying()
  output.line(summaryOf(alias, report))
  for (const each of report.differences.slice(0, mostShown)) output.line(`  ${differenceLine(each)}`)
  if (report.differences.length > mostShown) output.line('  … --json lists more')
  return report
}

function summaryOf(alias: string, report: VerifyReport): string {
  const { documents, records, missing, stale, orphaned, duplicate, unbuildable, unsettled, healed } = report
  const found = Object.entries({ missing, stale, orphaned, duplicate, unbuildable, unsettled, healed })
    .filter(([, value]) => value > 0)
    .map(([name, value]) => `${value} ${name}`)
  return `${alias}: ${documents} documents and ${records} records compared: ${found.length === 0 ? 'all right' : found.join(', ')}`
}

function differenceLine({ id, kind, healed }: Difference): string {
  return `${kind} ${id}${healed === true ? ' (healed)' : ''}`
}

function isRight({ missing, stale, orphaned, duplicate, unbuildable, healed }: VerifyReport): boolean {
  return missing + stale + orphaned + duplicate + unbuildable - healed === 0
}
