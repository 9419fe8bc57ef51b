import { delayTopicProblems } from '@kt/core/internal'
// Imports the default export: as an ES module, Node finds only some of kafkajs's named exports.
import kafkajs from 'kafkajs'
import type { Admin } from 'kafkajs'
import type { ResolvedConfig } from '../config/resolve-config.ts'
import type { Topology, WantedTopic } from '../config/topology.ts'
import { withAdmin } from '../topics.ts'
import type { Finding } from './finding.ts'

type Settings = Readonly<Record<string, string>>

const dayMs = 24 * 3_600_000

/** Checks that Kafka answers, and the settings of all topics. */
export async function checkKafka(config: ResolvedConfig, topology: Topology): Promise<readonly Finding[]> {
  return withAdmin(config.newKafka, async (admin) => {
    const existing = new Set(await admin.listTopics())
    const missing = topology.topics.filter(({ topic }) => !existing.has(topic))
    const present = topology.topics.filter(({ topic }) => existing.has(topic))
    const settings = await settingsOf(admin, present)
    const replicas = await replicasOf(admin, present)
    return [
      ...missing.map(({ topic, use }) => ({
        code: 'topic-missing',
        severity: 'error' as const,
        subject: topic,
        message: `The topic for ${use} does not exist`,
        remedy: 'run "kt apply", or create it',
      })),
      ...present.flatMap((wanted) => {
        const found = settings.get(wanted.topic) ?? {}
        return [
          ...replicationFindings(wanted, found, replicas.get(wanted.topic) ?? 1),
          ...(wanted.use === 'delay' ? delayFindings(wanted, found, config.delayMs) : []),
          ...(wanted.use === 'delay' ? [] : retentionFindings(wanted, found)),
        ]
      }),
    ]
  })
}

async function settingsOf(
  admin: Admin,
  topics: readonly WantedTopic[],
): Promise<ReadonlyMap<string, Settings>> {
  if (topics.length === 0) return new Map()
  const { resources } = await admin.describeConfigs({
    resources: topics.map(({ topic }) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic })),
    includeSynonyms: false,
  })
  return new Map(
    resources.map(({ resourceName, configEntries }) => [
      resourceName,
      Object.fromEntries(configEntries.map(({ configName, configValue }) => [configName, configValue])),
    ]),
  )
}

/** The smallest number of replicas of a partition, by topic. */
async function replicasOf(
  admin: Admin,
  topics: readonly WantedTopic[],
): Promise<ReadonlyMap<string, number>> {
  if (topics.length === 0) return new Map()
  const metadata = await admin.fetchTopicMetadata({ topics: topics.map(({ topic }) => topic) })
  return new Map(
    metadata.topics.map(({ name, partitions }) => [
      name,
      Math.min(...partitions.map(({ replicas }) => replicas.length)),
    ]),
  )
}

function replicationFindings(
  { topic }: WantedTopic,
  settings: Settings,
  replicas: number,
): readonly Finding[] {
  const least = Number(settings['min.insync.replicas'] ?? 1)
  const findings: Finding[] = []
  if (settings['unclean.leader.election.enable'] === 'true')
    findings.push({
      code: 'unclean-leader-election',
      severity: 'error',
      subject: topic,
      message: 'A replica that is out of sync may become the leader, and acknowledged messages are lost then',
      remedy: 'set unclean.leader.election.enable=false',
    })
  if (least > replicas)
    findings.push({
      code: 'too-few-replicas',
      severity: 'error',
      subject: topic,
      message: `min.insync.replicas is ${least}, and there are ${replicas} replicas: every write is rejected`,
      remedy: 'add replicas, or lower min.insync.replicas',
    })
  if (replicas > 1 && least === 1)
    findings.push({
      code: 'one-insync-replica',
      severity: 'warning',
      subject: topic,
      message: 'One replica alone may acknowledge a message, which is lost if its disk is',
      remedy: 'set min.insync.replicas=2',
    })
  if (replicas > 1 && least === replicas)
    findings.push({
      code: 'all-replicas-needed',
      severity: 'warning',
      subject: topic,
      message: `min.insync.replicas is ${least}, as many as there are replicas: no broker may be restarted`,
      remedy: 'set min.insync.replicas to one less',
    })
  return findings
}

function delayFindings({ topic }: WantedTopic, settings: Settings, delayMs: number): readonly Finding[] {
  return delayTopicProblems(settings, delayMs).map(({ loses, found, advice }) => ({
    code: loses ? 'delay-topic-loses' : 'delay-topic-clock',
    severity: loses ? ('error' as const) : ('warning' as const),
    subject: topic,
    message: loses
      ? `Delay messages may be deleted before they are due (${describe(found)})`
      : `Delay messages have the time of the producers' clocks (${describe(found)}), so they may be due too early`,
    remedy: advice,
  }))
}

function retentionFindings({ topic, use }: WantedTopic, settings: Settings): readonly Finding[] {
  const policy = settings['cleanup.policy'] ?? 'delete'
  const retentionMs = Number(settings['retention.ms'] ?? -1)
  const findings: Finding[] = []
  if (policy.includes('compact'))
    findings.push({
      code: 'topic-compacted',
      severity: use === 'changes' ? 'warning' : 'error',
      subject: topic,
      message:
        'Compaction drops all messages of a record but the last, and with them its former foreign keys',
      remedy: 'set cleanup.policy=delete',
    })
  if (policy.includes('delete') && retentionMs >= 0 && retentionMs < dayMs)
    findings.push({
      code: 'retention-short',
      severity: 'warning',
      subject: topic,
      message: `Messages are deleted after ${Math.round(retentionMs / 60_000)} minutes, so a longer outage of the workers loses them`,
      remedy: 'set retention.ms to a week',
    })
  return findings
}

function describe(found: Settings): string {
  return Object.entries(found)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')
}
