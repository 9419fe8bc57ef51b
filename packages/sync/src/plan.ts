import type { ReindexPlan } from '@kt/reindexer'
import type { SyncCascade, TopicUse } from './config/topology.ts'
import type { SyncParts } from './parts.ts'
import { requireServices, services } from './status/services.ts'
import { describeTopics, missingTopics, settingsOf, withAdmin } from './topics.ts'
import type { TopicFacts } from './topics.ts'

export interface PlanOptions {
  /**
   * Whether nothing is connected to, such as in CI. The plan then shows all that is wanted.
   *
   * @defaultValue false
   */
  readonly offline?: boolean
}

export interface PlannedTopic {
  readonly topic: string
  readonly use: TopicUse
  readonly partitions: number
  readonly settings: Readonly<Record<string, string>>
  /** `unknown` in an offline plan. Topics that exist are never changed. */
  readonly action: 'none' | 'create' | 'unknown'
  /** How an existing topic differs, such as `partitions=1`. */
  readonly differs: readonly string[]
}

export interface PlannedIndex extends Omit<ReindexPlan, 'action'> {
  readonly alias: string
  /** The model of its documents. */
  readonly model: string
  /** `unknown` in an offline plan. */
  readonly action: ReindexPlan['action'] | 'unknown'
}

export interface PlannedOutbox {
  /** The table in the database. */
  readonly table: string
  /** `unknown` in an offline plan. */
  readonly action: 'none' | 'create' | 'unknown'
}

/** What `apply` would do. */
export interface SyncPlan {
  readonly topics: readonly PlannedTopic[]
  readonly indexes: readonly PlannedIndex[]
  /** Undefined unless the configuration has an outbox. */
  readonly outbox: PlannedOutbox | undefined
  /** The cascades that the workers run. They need no set-up. */
  readonly cascades: readonly SyncCascade[]
  /** The models that are streamed. */
  readonly models: readonly string[]
  /** Whether `apply` would change or refuse anything; always true offline. */
  readonly hasChanges: boolean
}

/** @throws the errors of the services, unless `offline` */
export async function planSync(parts: SyncParts, { offline = false }: PlanOptions): Promise<SyncPlan> {
  const { topology } = parts
  if (!offline) await requireServices(parts, services)
  const [topics, indexes, outbox] = await Promise.all([
    planTopics(parts, offline),
    planIndexes(parts, offline),
    planOutbox(parts, offline),
  ])
  return {
    topics,
    indexes,
    outbox,
    cascades: topology.cascades,
    models: topology.models.map(({ name }) => name),
    hasChanges: [...topics, ...indexes, ...(outbox ? [outbox] : [])].some(({ action }) => action !== 'none'),
  }
}

async function planTopics(
  { config, topology }: SyncParts,
  offline: boolean,
): Promise<readonly PlannedTopic[]> {
  const planned = topology.topics.map((wanted) => ({
    ...wanted,
    settings: settingsOf(wanted, config.topics),
  }))
  if (offline) return planned.map((each) => ({ ...each, action: 'unknown', differs: [] }))
  const missing = new Set((await missingTopics(config.newKafka, topology.topics)).map(({ topic }) => topic))
  const present = topology.topics.filter(({ topic }) => !missing.has(topic))
  const facts = await withAdmin(config.newKafka, (admin) => describeTopics(admin, present))
  return planned.map((each) => ({
    ...each,
    action: missing.has(each.topic) ? 'create' : 'none',
    differs: differencesOf(each, facts.get(each.topic)),
  }))
}

function differencesOf(
  { partitions, settings }: Pick<PlannedTopic, 'partitions' | 'settings'>,
  facts: TopicFacts | undefined,
): readonly string[] {
  if (facts === undefined) return []
  const differing = Object.entries(settings).filter(([name, value]) => facts.settings[name] !== value)
  return [
    ...(facts.partitions < partitions ? [`partitions=${facts.partitions}`] : []),
    ...differing.map(([name]) => `${name}=${facts.settings[name]}`),
  ]
}

async function planIndexes(parts: SyncParts, offline: boolean): Promise<readonly PlannedIndex[]> {
  const planned = parts.config.indexes.map(async ({ name: alias, model }) => {
    const plan = offline
      ? { action: 'unknown' as const, reason: 'not looked up' }
      : await parts.reindexer(alias).plan()
    return { alias, model: model.name, ...plan }
  })
  return Promise.all(planned)
}

async function planOutbox(
  { config: { outbox } }: SyncParts,
  offline: boolean,
): Promise<PlannedOutbox | undefined> {
  if (outbox === undefined) return undefined
  const { tableName: table } = outbox
  if (offline) return { table, action: 'unknown' }
  return { table, action: (await outbox.exists()) ? 'none' : 'create' }
}
