import { once } from 'node:events'
import { Command, InvalidArgumentError } from 'commander'
import type { ServiceName } from './environment.ts'
import { stderrProgress } from './progress.ts'
import { UnavailableError } from './errors.ts'
import { startServices } from './services/start-services.ts'

interface UpOptions {
  readonly kafkaPort?: number
  readonly elasticsearchPort?: number
  readonly opensearchPort?: number
  readonly databasePort?: number
  readonly opensearch: boolean
  readonly data?: string
}

const program = new Command('testkit').description('Real services for tests, benchmarks and examples')

program
  .command('services')
  .description('starts and stops the services')
  .command('up')
  .description(
    'starts Kafka, Elasticsearch and PostgreSQL, prints their addresses, and runs until it is interrupted',
  )
  .option('--kafka-port <port>', 'a fixed port (default: a free one)', toPort)
  .option('--elasticsearch-port <port>', 'a fixed port (default: a free one)', toPort)
  .option('--opensearch-port <port>', 'a fixed port (default: a free one)', toPort)
  .option('--database-port <port>', 'a fixed port (default: a free one)', toPort)
  .option('--opensearch', 'starts OpenSearch too', false)
  .option('--data <folder>', 'keeps the data in this folder (default: temporary)')
  .action(up)

await program.parseAsync()

async function up(options: UpOptions): Promise<void> {
  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => interrupted.abort())
  const ports = {
    ...(options.kafkaPort !== undefined && { kafka: options.kafkaPort }),
    ...(options.elasticsearchPort !== undefined && { elasticsearch: options.elasticsearchPort }),
    ...(options.opensearchPort !== undefined && { opensearch: options.opensearchPort }),
    ...(options.databasePort !== undefined && { database: options.databasePort }),
  }
  const services: ServiceName[] = ['kafka', 'elasticsearch', 'database']
  if (options.opensearch) services.push('opensearch')
  try {
    await using started = await startServices({
      services,
      ports,
      onProgress: stderrProgress,
      signal: interrupted.signal,
      ...(options.data !== undefined && { persistent: options.data }),
    })
    const assignments = Object.entries(started.environment).map(([name, value]) => `${name}='${value}'`)
    process.stdout.write(`export ${assignments.join(' ')}\n`)
    await untilAborted(interrupted.signal)
  } catch (error) {
    if (interrupted.signal.aborted) return
    if (!(error instanceof UnavailableError)) throw error
    const { message: cause } = error.cause instanceof Error ? error.cause : { message: '' }
    program.error(`${error.message}\n${cause}`)
  }
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  // The processes of the services don't keep this process alive.
  const keepAlive = setInterval(() => undefined, 2 ** 30)
  if (!signal.aborted) await once(signal, 'abort')
  clearInterval(keepAlive)
}

function toPort(value: string): number {
  const port = Number(value)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw new InvalidArgumentError('A port must be a number from 1 to 65535.')
}
