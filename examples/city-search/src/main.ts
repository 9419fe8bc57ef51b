import { fileURLToPath } from 'node:url'
import { Command, InvalidArgumentError } from 'commander'
import { interruption } from './run/interruption.ts'

const dataFolder = fileURLToPath(new URL('../../../.kt/city-search', import.meta.url))

const program = new Command('npm start --')
  .description('Searches the cities of the world; starts Kafka, Elasticsearch and PostgreSQL for it')
  .option('--port <port>', 'where the page is served (default: $PORT, or 3000)', toPort)
  .option('--reset', 'throws away what an earlier run has kept, and begins afresh', false)
  .option('--data <folder>', 'where the services keep their data', dataFolder)
  .addHelpText(
    'after',
    `
Environment:
  PORT                     as --port
  KT_KAFKA_BROKERS         host:port, … of a Kafka of your own
  KT_ELASTICSEARCH_URL     of an Elasticsearch of your own
  KT_DATABASE_URL          of a PostgreSQL database of your own
  KT_DELAY_MS              how long the safety net waits (default: 10000)
  KT_PREFIX                begins the names of topics, groups and index (default: nothing)`,
  )
  .parse()

const { port, reset, data } = program.opts<{ port?: string; reset: boolean; data: string }>()
const signal = interruption()
try {
  // Imported only now: it brings all libraries along, and --help should answer at once.
  const { runEverything } = await import('./run/run-everything.ts')
  const environment = { ...process.env, ...(port !== undefined && { PORT: port }) }
  await runEverything({ environment, reset, folder: data, signal })
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
