import { askSearch } from '@kt/core/internal'
import { checkFrame } from '@kt/verifier'
import type { FrameProblem } from '@kt/verifier'
import type { ReindexPlan } from '@kt/reindexer'
import type { SyncParts } from '../parts.ts'
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
export async function checkSearch(parts: SyncParts): Promise<readonly Finding[]> {
  const { search, indexes } = parts.config
  const client = search as typeof search & InfoClient
  const { version = {} } = (await askSearch(client, client.info.bind(client), { params: {} })) as Info
  const frames = await Promise.all(
    indexes.map(({ name, mappings }) => checkFrame({ client: search, index: name, mappings })),
  )
  return [...versionFindings(version), ...frames.flat().map(toFinding)]
}

/** Checks whether the indexes are as wanted. Asks the search engine and the database. */
export async function checkIndexes(parts: SyncParts): Promise<readonly Finding[]> {
  const { indexes } = parts.config
  const plans = await Promise.all(
    indexes.map(async ({ name }) => planFindings(name, await parts.reindexer(name).plan())),
  )
  return plans.flat()
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

function planFindings(subject: string, { action, reason, active }: ReindexPlan): readonly Finding[] {
  if (action === 'refuse')
    return [
      {
        code: 'index-refused',
        severity: 'error',
        subject,
        message: `No worker keeps it up to date: ${reason}`,
        remedy: 'see "kt apply --help" for --replace-index and --new-database',
      },
    ]
  // A missing index is reported by its frame.
  if (action === 'none' || active === undefined) return []
  return [
    {
      code: 'index-outdated',
      severity: 'warning',
      subject,
      message: `The index is not as the configuration wants it: ${reason}`,
      remedy: 'run "kt apply"',
    },
  ]
}
