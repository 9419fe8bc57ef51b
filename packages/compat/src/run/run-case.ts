import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createTestScope } from 'testkit'
import type { TestScope } from 'testkit'
import type { Report } from '../app/report.ts'
import type { Settings } from '../app/settings.ts'
import type { Case } from '../cases/case.ts'
import { openCollector } from './collectors/index.ts'
import { install } from './install.ts'
import type { Tarballs } from './pack.ts'
import { openPooler } from './pooler.ts'
import { runApp } from './run-app.ts'
import { runNode } from './run-node.ts'
import { verify } from './verify.ts'
import { writeApp } from './write-app.ts'

/** The result of a case. */
export interface CaseResult {
  readonly name: string
  readonly writes: number
  readonly documents: number
  readonly seconds: number
  /** All problems. Empty if the case has passed. */
  readonly failures: readonly string[]
  /** The application's output and log. */
  readonly output: string
}

export interface RunCaseOptions {
  readonly tarballs: Tarballs
  readonly signal: AbortSignal
}

/** Half of it is the idle timeout of transactions, which must be long enough for a busy machine. */
const delayMs = 4_000
const stepTimeoutMs = 180_000
const partitions = 2

/** Installs and runs the application of a case. Failures are part of the result. */
export async function runCase(each: Case, { tarballs, signal }: RunCaseOptions): Promise<CaseResult> {
  const startedAt = performance.now()
  const result = await attempt(each, tarballs, signal).catch((error: unknown) => failed(error))
  return { name: each.name, ...result, seconds: (performance.now() - startedAt) / 1_000 }
}

type Attempt = Omit<CaseResult, 'name' | 'seconds'>

function failed(error: unknown, output = ''): Attempt {
  const text = error instanceof Error ? error.message : String(error)
  return { writes: 0, documents: 0, failures: [text], output }
}

async function attempt(each: Case, tarballs: Tarballs, signal: AbortSignal): Promise<Attempt> {
  const folder = await install(each, tarballs, signal)
  await writeApp(each, folder)
  for (const step of each.steps ?? []) {
    const options = { cwd: folder, env: process.env, signal, timeoutMs: stepTimeoutMs }
    const made = await runNode(process.execPath, step, options)
    if (!made.ok) return failed(`${step.join(' ')} failed: ${made.ended}`, made.output)
  }
  await using scope = await createTestScope(each.name)
  await using plain = await createTestScope(`${each.name}-plain`)
  await using pooler = await openPooler(each)
  await using collector = await openCollector(each)
  await createTopics(scope)
  const reportFile = join(folder, 'report.json')
  await rm(reportFile, { force: true })
  const settings: Settings = {
    brokers: scope.brokers,
    elasticsearchUrl: scope.elasticsearchUrl,
    plainUrl: pooler.throughPooler(plain.databaseUrl),
    streamedUrl: pooler.throughPooler(scope.databaseUrl),
    topicPrefix: scope.prefix,
    indexPrefix: scope.prefix,
    delayMs,
    reportFile,
    ...(each.sequelize && { sequelize: each.sequelize }),
  }
  const env = { ...process.env, ...each.env, ...collector.env, COMPAT_SETTINGS: JSON.stringify(settings) }
  const run = await runApp(each, { folder, env, signal })
  if (!run.ok) return failed(`the application failed: ${run.ended}${lastError(run.output)}`, run.output)
  const text = await readFile(reportFile, 'utf8').catch(() => undefined)
  if (text === undefined) return failed('the application ended without a report', run.output)
  const written = JSON.parse(text) as Report
  const report = { ...written, evidence: { ...written.evidence, ...collector.evidence() } }
  const { documents, failures } = await verify({ each, report, scope, plain, delayMs })
  const noise = each.isSilent === true && run.output !== '' ? ['it is not silent'] : []
  const output = [...report.log, run.output].join('\n')
  return { writes: report.streamed.length, documents, failures: [...failures, ...noise], output }
}

async function createTopics(scope: TestScope): Promise<void> {
  await Promise.all(
    ['countries', 'cities', 'notes', 'tags', 'city_tags', 'readings', 'events'].map((table) =>
      scope.createTopic(table, { partitions }),
    ),
  )
}

/** Returns the line of the output that most likely contains the cause. */
function lastError(output: string): string {
  const lines = output.split('\n').filter((line) => /\b\w*Error\b/.test(line))
  return lines[0] === undefined ? '' : `: ${lines[0].trim()}`
}
