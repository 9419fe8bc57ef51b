import type { GroupStatus, SyncStatus } from '../status/status.ts'
import type { Finding } from './finding.ts'

/** So long a message may wait. */
const behindMs = 30_000

/** Finds groups without workers or progress, and messages that were given up. */
export function workerFindings({ groups, deadLetters, delayMs, away }: SyncStatus): readonly Finding[] {
  return [
    ...away.map(({ service, message }) => ({
      code: 'unreachable',
      severity: 'error' as const,
      subject: service,
      message,
      remedy: 'how the workers are is not known: try again',
    })),
    ...groups.flatMap((group) => groupFindings(group, delayMs)),
    ...deadLetters
      .filter(({ open }) => open > 0)
      .map(({ topic, open }) => ({
        code: 'dead-letters',
        severity: 'error' as const,
        subject: topic,
        message: `${open} messages were given up, so that their documents may be wrong`,
        remedy: `see "kt dead-letters list", mend the cause, then "kt dead-letters redrive --topic ${topic}"`,
      })),
  ]
}

function groupFindings(
  { role, name, topic, members, lag, oldestAgeMs }: GroupStatus,
  delayMs: number,
): Finding[] {
  const subject = `${name} of ${topic}`
  if (members === 0)
    return [
      {
        code: 'group-empty',
        severity: 'error',
        subject,
        message: lag > 0 ? `No worker runs, and ${lag} messages wait` : 'No worker runs',
        remedy: `run "kt run ${role}"`,
      },
    ]
  const mayWaitMs = behindMs + (role === 'delayer' ? delayMs : 0)
  if (oldestAgeMs <= mayWaitMs) return []
  return [
    {
      code: 'group-behind',
      severity: 'warning',
      subject,
      message: `${lag} messages wait, the oldest for ${Math.round(oldestAgeMs / 1_000)} s`,
      remedy: 'see the log of its workers, or start more of them',
    },
  ]
}

/** Reports the associations whose records the database changes itself. */
export function unseenFindings(changes: readonly string[]): readonly Finding[] {
  return changes.map((text) => {
    const [message = '', remedy = ''] = text.split('. ')
    return { code: 'written-past-streams', severity: 'warning', subject: 'models', message, remedy }
  })
}
