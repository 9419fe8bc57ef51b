import { askSearch } from '@kt/core/internal'
import { checkFrame } from '@kt/verifier'
import type { FrameProblem } from '@kt/verifier'
import type { Reindexer } from '@kt/reindexer'
import type { Model } from 'sequelize'
import type { ResolvedConfig } from '../config/resolve-config.ts'
import type { Finding } from './finding.ts'

interface Info {
  readonly version?: { readonly number?: string; readonly distribution?: string }
}

/** The lowest supported versions. */
const leastElasticsearch = 8
const leastOpenSearch = 2

interface InfoClient {
  info(params?: never, options?: never): PromiseLike<object>
}

/** Checks that the search engine answers, its version, and each index. */
export async function checkSearch(
  { search, indexes }: ResolvedConfig,
  reindexers: ReadonlyMap<string, Reindexer<Model>>,
): Promise<readonly Finding[]> {
  const client = search as typeof search & InfoClient
  const { version = {} } = (await askSearch(client, client.info.bind(client), { params: {} })) as Info
  const checked = await Promise.all(
    indexes.map(async ({ name, mappings }) => [
      ...(await checkFrame({ client: search, index: name, mappings })).map(toFinding),
      ...(await planFindings(name, reindexers.get(name))),
    ]),
  )
  return [...versionFindings(version), ...checked.flat()]
}

function versionFindings({ number = '', distribution }: NonNullable<Info['version']>): readonly Finding[] {
  const least = distribution === 'opensearch' ? leastOpenSearch : leastElasticsearch
  if (!(Number.parseInt(number, 10) < least)) return []
  return [
    {
      code: 'search-version',
      severity: 'error',
      subject: 'search engine',
      message: `Version ${number} is not supported`,
      remedy: 'use Elasticsearch 8 or newer, or OpenSearch 2 or newer',
    },
  ]
}

const warnings: ReadonlySet<FrameProblem['code']> = new Set(['gc-deletes-short', 'mapping-differs'])

const remedies: Partial<Record<FrameProblem['code'], string>> = {
  'index-missing': 'run "kt apply"',
  'mapping-differs': 'run "kt apply", which builds the index anew',
}

/** The message of a problem says what is wrong, a colon, and what to do. */
function toFinding({ code, subject, message }: FrameProblem): Finding {
  const end = message.lastIndexOf(': ')
  return {
    code,
    severity: warnings.has(code) ? 'warning' : 'error',
    subject,
    message: end === -1 ? message : message.slice(0, end),
    remedy: remedies[code] ?? (end === -1 ? 'see the README of @kt/verifier' : message.slice(end + 2)),
  }
}

async function planFindings(
  subject: string,
  reindexer: Reindexer<Model> | undefined,
): Promise<readonly Finding[]> {
  const plan = await reindexer?.plan()
  if (plan === undefined || plan.action === 'none' || plan.active === undefined) return []
  return [
    {
      code: 'index-outdated',
      severity: 'warning',
      subject,
      message: `The index is not as the configuration wants it: ${plan.reason}`,
      remedy: 'run "kt apply"',
    },
  ]
}
