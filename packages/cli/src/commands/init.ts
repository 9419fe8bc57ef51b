import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Command } from 'commander'
import colors from 'picocolors'
import { configNames } from '../config/find-config.ts'
import { inspectProject } from '../init/project.ts'
import { compose, configSource, workerSource } from '../init/templates.ts'
import { createOutput } from '../output/output.ts'
import { UserError } from '../user-error.ts'
import { optionsFor, optionsOf } from './options.ts'

interface InitFlags {
  readonly models: string
  readonly model: string
  readonly force: boolean
  readonly json: boolean
}

export function addInit(program: Command): void {
  const { option } = optionsFor('init')
  program
    .command('init')
    .description('writes a configuration, a worker and a compose file into an existing project')
    .addOption(
      option('--models <file>', 'the module that exports sequelize and the models').default('./models'),
    )
    .addOption(option('--model <name>', 'the first model to search').default('Product'))
    .addOption(option('--force', 'overwrites files that exist').default(false))
    .addHelpText('after', '\nExample:\n  $ kt init --models ./src/database.ts --model Article')
    .action(async (_, command: Command) => {
      const { models, model, force, json } = optionsOf<InitFlags>(command)
      const folder = process.cwd()
      const project = inspectProject(folder)
      const config = configNames.map((name) => join(folder, name)).find((path) => existsSync(path))
      if (config !== undefined && !force)
        throw new UserError(`${relative(folder, config)} exists already`, 'Use --force to overwrite it.')
      const names = { models, model, isModule: project.isModule, isTypeScript: project.isTypeScript }
      const extension = project.isTypeScript ? 'ts' : 'js'
      const files = {
        [`kt.config.${extension}`]: configSource(names),
        [`kt.worker.${extension}`]: workerSource(names),
        'compose.kt.yaml': compose,
      }
      const written: string[] = []
      for (const [name, text] of Object.entries(files)) {
        const path = join(folder, name)
        if (existsSync(path) && !force) continue
        await writeFile(path, text)
        written.push(name)
      }
      const missing = project.missing(needed)
      const steps = [
        ...(missing.length === 0 ? [] : [`${project.install} ${missing.join(' ')}`]),
        `In kt.config.${extension}, say what a document of ${model} is.`,
        'docker compose -f compose.kt.yaml up -d   (or set KAFKA_BROKERS and ELASTICSEARCH_URL)',
        'npx kt plan, npx kt apply, npx kt run',
        'In your application, before its first write: await createSync(config).start()',
      ]
      const output = createOutput(json)
      for (const name of written) output.line(`${colors.green('+')} ${name}`)
      output.line(`
Next:
${steps.map((step, number) => `  ${number + 1}. ${step}`).join('\n')}`)
      if (!exists(folder, models))
        output.line(colors.yellow(`\n! ${models} does not exist yet. It must export sequelize and ${model}.`))
      output.json({ written })
    })
}

const needed = ['@kt/sync', '@kt/model-index', 'kafkajs', '@elastic/elasticsearch', 'sequelize']

function exists(folder: string, models: string): boolean {
  const stem = join(folder, models.replace(/\.[cm]?[jt]s$/u, ''))
  const extensions = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '/index.ts', '/index.js']
  return extensions.some((extension) => existsSync(`${stem}${extension}`))
}
