import { randomInt } from 'node:crypto'
import { createDelayTopic } from '@kt/delayer'
import { Command, InvalidArgumentError } from 'commander'
import { createTestScope, stderrProgress } from 'testkit'
import type { VerifyReport } from '@kt/verifier'
import { openServices } from './harness/services.ts'
import { Lab } from './reindex/lab.ts'
import { compare, Crew, runRound } from './reindex/round.ts'
import { Searches } from './reindex/searches.ts'
import { derivedSeed } from './writes/random.ts'

interface Options {
  readonly rounds: number
  readonly seed?: number
  readonly verifyMinutes: number
}

const products = 2_000

const program = new Command('reindex-rounds')
  .description(
    'Builds an index again and again under 500 writes a second and running searches, kills a process in each round, ' +
      'and compares every document with its record, after the switch and after a rollback.',
  )
  .option('--rounds <n>', 'how many rounds', toCount, 50)
  .option('--seed <n>', 'repeats the rounds of this seed (default: a random seed)', toCount)
  .option('--verify-minutes <n>', 'then verifies for so long, and counts false alarms', toCount, 0)
  .addHelpText(
    'after',
    '\nUses the services at KT_ELASTICSEARCH_URL and KT_DATABASE_URL, and starts those not set and a Kafka of its own.',
  )
  .action(main)
await program.parseAsync()

async function main({ rounds, seed = randomInt(2 ** 32), verifyMinutes }: Options): Promise<void> {
  await using _services = await openServices({ ownKafka: true, onProgress: stderrProgress })
  await using scope = await createTestScope('reindex')
  const delayTopic = scope.topic('delay')
  const [topic] = await Promise.all([
    scope.createTopic('products', { partitions: 4 }),
    scope.createTopic('products.dead-letter'),
    createDelayTopic({ kafka: scope.kafka(), topic: delayTopic, partitions: 2 }),
  ])
  const lab = new Lab({
    brokers: scope.brokers,
    elasticsearchUrl: scope.elasticsearchUrl,
    databaseUrl: scope.databaseUrl,
    topic,
    delayTopic,
    delayer: scope.topic('delayer'),
    alias: scope.index('products'),
    delayMs: 2_000,
    sessionTimeoutMs: 1_500,
  })
  await lab.sequelize.sync()
  await lab.Product.bulkCreate(
    Array.from({ length: products }, (_, number) => ({ name: `Product ${number}` })),
  )
  stderrProgress(`${rounds} rounds, seed ${seed}`)
  const first = lab.reindexer(1)
  const crew = new Crew(lab, seed, 1)
  let failed = 0
  let alarms = 0
  let searches: Searches | undefined
  try {
    await first.ensure()
    searches = new Searches(lab)
    for (let round = 1; round <= rounds; round++) {
      const result = await runRound(lab, crew, round + 1, derivedSeed(seed, round))
      const wrong = differences(result.atSwitch) + differences(result.atRollback) + searches.failures.length
      if (wrong > 0) failed++
      stderrProgress(
        `${round}/${rounds} killed the ${result.killed}: ${differences(result.atSwitch)} differences at the switch, ` +
          `${differences(result.atRollback)} at the rollback, ${searches.failures.splice(0).length} failed searches`,
      )
    }
    alarms = await falseAlarms(lab, rounds + 1, verifyMinutes)
    const writes = `${crew.written} writes, ${searches.count} searches`
    process.stdout.write(
      `${rounds - failed} passed, ${failed} failed, ${alarms} false alarms; ${writes}, seed ${seed}\n`,
    )
  } finally {
    await searches?.stop()
    await crew.close()
    await first.close()
    await Promise.all([lab.consumer.close(), lab.producer.close(), lab.client.close(), lab.sequelize.close()])
  }
  if (failed + alarms > 0) process.exitCode = 1
}

/** Verifies a right index again and again under writes. Whatever is found then is a false alarm. */
async function falseAlarms(lab: Lab, version: number, minutes: number): Promise<number> {
  const endsAtMs = performance.now() + minutes * 60_000
  let found = 0
  for (let pass = 1; performance.now() < endsAtMs; pass++) {
    const report = await compare(lab, version)
    found += differences(report)
    stderrProgress(
      `verification ${pass}: ${report.documents} documents, ${report.unsettled} unsettled, ${found} false alarms so far`,
    )
  }
  return found
}

function differences({ missing, stale, orphaned, duplicate, unbuildable }: VerifyReport): number {
  return missing + stale + orphaned + duplicate + unbuildable
}

function toCount(text: string): number {
  const count = Number(text)
  if (!Number.isSafeInteger(count) || count < 0)
    throw new InvalidArgumentError('Not a whole number of at least 0.')
  return count
}
