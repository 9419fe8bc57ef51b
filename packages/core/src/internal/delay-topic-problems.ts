/** A setting of a delay topic that leaves a hole in the safety net. */
export interface DelayTopicProblem {
  /** Whether messages may be lost. Otherwise they may come due too early. */
  readonly loses: boolean
  /** The setting as it is, by the name of its log field. */
  readonly found: Readonly<Record<string, string>>
  readonly advice: string
}

/** Finds the settings of a delay topic with which messages are lost, or come due too early. */
export function delayTopicProblems(
  settings: Readonly<Record<string, string>>,
  delayMs: number,
): readonly DelayTopicProblem[] {
  const type = settings['message.timestamp.type'] ?? 'LogAppendTime'
  const policy = settings['cleanup.policy'] ?? 'delete'
  const retentionMs = settings['retention.ms'] ?? '-1'
  const problems: DelayTopicProblem[] = []
  // If a producer's clock is slow, its messages come due before it commits.
  if (type !== 'LogAppendTime')
    problems.push({
      loses: false,
      found: { type },
      advice: 'set message.timestamp.type=LogAppendTime on the delay topic',
    })
  // Compaction drops all changes of a record except the last, which may not have committed.
  if (policy.includes('compact'))
    problems.push({ loses: true, found: { policy }, advice: 'set cleanup.policy=delete on the delay topic' })
  // -1 keeps messages for ever. With the policy `compact` alone, age deletes nothing.
  if (policy.includes('delete') && Number(retentionMs) >= 0 && Number(retentionMs) <= delayMs)
    problems.push({
      loses: true,
      found: { retentionMs },
      advice: 'set retention.ms to the delay plus the longest time that the Delayer may be down',
    })
  return problems
}
