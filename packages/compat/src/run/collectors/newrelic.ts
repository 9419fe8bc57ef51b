import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { issueCertificate } from 'testkit'
import { answering, close, Counts, listen } from './collector.ts'
import type { Collector } from './collector.ts'

/** Patterns of metric names, by kind of evidence. */
const kinds = {
  'metrics of kafka': /^MessageBroker\/Kafka\//,
  'metrics of postgres': /^Datastore\/.*Postgres/,
}

/** `[run id, begin, end, [[{ name }, numbers], …]]` */
type MetricData = readonly [
  unknown,
  unknown,
  unknown,
  readonly (readonly [{ readonly name: string }, unknown])[],
]

/** The part of a collector that New Relic's agent needs. The agent requires TLS. */
export async function openNewRelicCollector(): Promise<Collector> {
  const { authority, certificate, key } = await issueCertificate()
  const folder = await mkdtemp(join(tmpdir(), 'kt-compat-newrelic-'))
  const authorityFile = join(folder, 'authority.pem')
  await writeFile(authorityFile, authority)
  const counts = new Counts()
  let port = 0
  const server = createServer(
    { cert: certificate, key },
    answering((body, { url = '' }) => {
      const method = new URL(url, 'https://127.0.0.1').searchParams.get('method')
      if (method === 'metric_data') countMetrics(counts, JSON.parse(body) as MetricData)
      return { return_value: answerTo(method, port) }
    }),
  )
  port = await listen(server)
  return {
    env: {
      NEW_RELIC_APP_NAME: 'application',
      NEW_RELIC_LICENSE_KEY: 'a'.repeat(40),
      NEW_RELIC_HOST: '127.0.0.1',
      NEW_RELIC_PORT: String(port),
      NEW_RELIC_LOG_ENABLED: 'false',
      NEW_RELIC_NO_CONFIG_FILE: 'true',
      NEW_RELIC_FEATURE_FLAG_KAFKAJS_INSTRUMENTATION: 'true',
      // Otherwise it would query external addresses.
      ...Object.fromEntries(
        ['AWS', 'AZURE', 'AZUREFUNCTION', 'GCP', 'PCF', 'DOCKER', 'KUBERNETES'].map((name) => [
          `NEW_RELIC_UTILIZATION_DETECT_${name}`,
          'false',
        ]),
      ),
      NODE_EXTRA_CA_CERTS: authorityFile,
    },
    evidence: () => counts.toObject(),
    [Symbol.asyncDispose]: async () => {
      await close(server)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function countMetrics(counts: Counts, [, , , metrics]: MetricData): void {
  for (const [{ name }] of metrics)
    for (const [kind, pattern] of Object.entries(kinds)) if (pattern.test(name)) counts.add(kind)
}

function answerTo(method: string | null, port: number): unknown {
  if (method === 'preconnect') return { redirect_host: `127.0.0.1:${port}` }
  if (method === 'connect')
    return {
      agent_run_id: 1,
      account_id: '1',
      primary_application_id: '1',
      trusted_account_key: '1',
    }
  return null
}
