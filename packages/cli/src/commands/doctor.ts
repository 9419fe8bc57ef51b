import type { Command } from 'commander'
import type { Finding } from '@kt/sync'
import colors from 'picocolors'
import { exitCodes } from '../exit-codes.ts'
import type { GlobalOptions } from '../session.ts'
import type { Output } from '../output/output.ts'
import { withSession } from '../session.ts'
import { optionsOf } from './options.ts'

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('looks for all that loses, delays or rejects changes, and says what to do; changes nothing')
    .addHelpText(
      'after',
      `
Checks connections, versions, rights, the settings of topics, indexes and aliases, workers and
their progress, dead letters, clocks, long transactions, and writes past the streams.
Exits with 2 if it finds an error; warnings alone don't count.`,
    )
    .action(async (_, command: Command) => {
      await withSession(optionsOf<GlobalOptions>(command), [], async ({ sync, output }) => {
        const findings = await sync.diagnose({
          onCheck: (name) => process.stderr.isTTY && console.error(colors.dim(`Checking ${name} …`)),
        })
        for (const each of findings.toSorted(bySeverity)) writeFinding(output, each)
        if (findings.length === 0) output.line(colors.green('✓ Nothing was found'))
        output.json(findings)
        return findings.some(({ severity }) => severity === 'error') ? exitCodes.found : exitCodes.ok
      })
    })
}

function writeFinding(output: Output, { severity, code, subject, message, remedy }: Finding): void {
  const mark = severity === 'error' ? colors.red('✖') : colors.yellow('!')
  output.line(`${mark} ${colors.bold(subject)}: ${message} ${colors.dim(`[${code}]`)}`)
  output.line(`  → ${remedy}`)
}

function bySeverity(one: Finding, other: Finding): number {
  return Number(one.severity === 'warning') - Number(other.severity === 'warning')
}
