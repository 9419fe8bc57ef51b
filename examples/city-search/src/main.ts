import { fileURLToPath } from 'node:url'
import { Command, InvalidArgumentError } from 'commander'
import { interruption } from './run/interruption.ts'

const dataFolder = fileURLToPath(new URL('../../../.kt/city-search', import.meta.url))

const program = new Command('npm start --')
  .description('Searches the cities of the world, and starts Kafka, Elasticsearch and PostgreSQL for that')
  .option('--port <port>', 'the port of the page (default: $PORT, or 3000)', toPort)
  .option('--reset', 'deletes the data of earlier runs and starts afresh', false)
  .option('--data <folder>', 'the folder for the data of the services', dataFolder)
  .addHelpText(
    'after',
    `
Environment:
  PORT                     same as --port
  KT_KAFKA_BROKERS         host:port, … of your own Kafka
  KT_ELASTICSEARCH_URL     address of your own Elasticsearch
  KT_DATABASE_URL          address of your own PostgreSQL database
  KT_DELAY_MS              the delay of the safety net (default: 10000)
  KT_PREFIX                prefix of the names of topics, groups and index (default: none)`,
  )
  .parse()

const { port, reset, data } = program.opts<{ port?: string; reset: boolean; data: string }>()
const signal = interruption()
try {
  // Imported late, because it loads all libraries and --help should answer at once.
  const { runEverything } = await import('./run/run-everything.ts')
  if (port !== undefined) process.env['PORT'] = port
  await runEverything({ reset, folder: data, signal })
} catch (error) {
  if (!signal.aborted) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}

function toPort(value: string): string {
  if (/^\d{1,5}$/.test(value) && Number(value) < 65_536) return value
  throw new InvalidArgumentError('A port is a number from 0 to 65535.')
}
