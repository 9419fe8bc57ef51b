import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { addApply } from './commands/apply.ts'
import { addDeadLetters } from './commands/dead-letters.ts'
import { addDoctor } from './commands/doctor.ts'
import { addInit } from './commands/init.ts'
import { addPlan } from './commands/plan.ts'
import { addReindex } from './commands/reindex.ts'
import { addReplay } from './commands/replay.ts'
import { addRun } from './commands/run.ts'
import { addStatus } from './commands/status.ts'
import { addVerify } from './commands/verify.ts'
import { optionsFor } from './commands/options.ts'

/** The command line, with all its commands. */
export function createProgram(): Command {
  const { option } = optionsFor()
  const program = new Command('kt')
    .description('Keeps Elasticsearch and OpenSearch indexes in sync with a SQL database, through Kafka')
    .version(version())
    .addOption(option('-c, --config <file>', 'the configuration (default: the next kt.config.ts, .js, …)'))
    .addOption(option('--dotenv <file>', 'sets environment variables for the configuration from a file'))
    .addOption(option('--json', 'writes JSON to stdout, for scripts').default(false))
    .addOption(option('-v, --verbose', 'logs more than warnings to stderr').default(false))
    .addHelpText(
      'after',
      `
Each option has an environment variable, such as KT_CONFIG, or KT_RUN_PORT for --port of run.
NO_COLOR turns colours off, and KT_LOG_LEVEL=debug logs more.
Exit codes: 0 all is well, 1 the command failed, 2 it found something, 130 interrupted.

First steps:
  $ kt init      # writes kt.config.ts, a worker and a compose file
  $ kt plan      # shows what is missing
  $ kt apply     # creates topics and indexes
  $ kt run       # runs the workers`,
    )
  for (const add of [
    addInit,
    addPlan,
    addApply,
    addRun,
    addStatus,
    addReindex,
    addVerify,
    addReplay,
    addDeadLetters,
    addDoctor,
  ])
    add(program)
  return program
}

function version(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { readonly version: string }).version
}
