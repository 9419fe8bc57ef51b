import { delayTopicProblems } from '@kt/core/internal'
import type { ResolvedConfig } from '../config/resolve-config.ts'
import type { Topology, WantedTopic } from '../config/topology.ts'
import { describeTopics, withAdmin } from '../topics.ts'
import type { Finding } from './finding.ts'

type Settings = Readonly<Record<string, string>>

const dayMs = 24 * 3_600_000

/** Checks that Kafka answers, and the settings of all topics. */
export async function checkKafka(config: ResolvedConfig, topology: Topology): Promise<readonly Finding[]> {
  return withAdmin(config.newKafka, async (admin) => {
    const existing = new Set(await admin.listTopics())
    const missing = topology.topics.filter(({ topic }) => !existing.has(topic))
    const present = topology.topics.filter(({ topic }) => existing.has(topic))
    const facts = await describeTopics(admin, present)
    return [
      ...missing.map(({ topic, use }) => ({
        code: 'topic-missing',
        severity: 'error' as const,
        subject: topic,
        message: `The topic for ${use} does not exist`,
        remedy: 'run "kt apply", or create it',
      })),
      ...present.flatMap((wanted) => {
        const { settings: found = {}, replicas = 1, partitions = 1 } = facts.get(wanted.topic) ?? {}
        return [
          ...replicationFindings(wanted, found, replicas),
          ...partitionFindings(wanted, partitions),
          ...(wanted.use === 'delay' ? delayFindings(wanted, found, config.delayMs) : []),
          ...(wanted.use === 'delay' ? [] : retentionFindings(wanted, found)),
        ]
      }),
    ]
  })
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

function partitionFindings(
  { topic, partitions: wanted }: WantedTopic,
  partitions: number,
): readonly Finding[] {
  if (partitions >= wanted) return []
  return [
    {
      code: 'too-few-partitions',
      severity: 'warning',
      subject: topic,
      message: `It has ${partitions} partitions instead of ${wanted}, and only so many workers can share it`,
      remedy: 'add partitions by kafka-topics.sh --alter, or change "topics" of the configuration',
    },
  ]
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
