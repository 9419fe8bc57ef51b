import type { JournalEvent, ToldChange } from './journal.ts'
import type { Dump } from './tables.ts'

type MessageEvent = Exclude<JournalEvent, { kind: 'commit' }>

export const uncommitted = 'no COMMIT after delay messages'

/**
 * Returns the problems with the order of messages and COMMITs. Each transaction's delay messages must be acknowledged
 * before its COMMIT. Its instant messages must be sent when others can see its changes.
 */
export function orderProblems(events: readonly JournalEvent[]): readonly string[] {
  return events.flatMap((event, index) => {
    if (event.kind === 'delay') return delayProblems(events, event, index)
    return event.kind === 'instant' ? instantProblems(events, event, index) : []
  })
}

function delayProblems(
  events: readonly JournalEvent[],
  { seen: [handedOver, acknowledged], changes }: MessageEvent,
  index: number,
): readonly string[] {
  const problems: string[] = []
  if (!hasCommit(events.slice(index))) problems.push(uncommitted)
  if (rowsOf(handedOver, changes) !== rowsOf(acknowledged, changes))
    problems.push('a COMMIT before delay messages were acknowledged')
  return problems
}

function instantProblems(
  events: readonly JournalEvent[],
  instant: MessageEvent,
  index: number,
): readonly string[] {
  const delayIndex = events.findIndex((each) => each.kind === 'delay' && each.changeId === instant.changeId)
  const delay = events[delayIndex]
  if (delay?.kind !== 'delay' || delayIndex > index) return ['no delay messages before instant messages']
  const problems: string[] = []
  const { changes } = instant
  if (!hasCommit(events.slice(delayIndex, index))) problems.push('instant messages before COMMIT')
  if (delay.seen[1] !== undefined && rowsOf(delay.seen[1], changes) === rowsOf(instant.seen[0], changes))
    problems.push('instant messages before others could see what was committed')
  if (JSON.stringify(delay.changes) !== JSON.stringify(changes))
    problems.push('instant messages that differ from the delay messages')
  return problems
}

function hasCommit(events: readonly JournalEvent[]): boolean {
  return events.some(({ kind }) => kind === 'commit')
}

/** Returns the rows in the messages. Other transactions may commit at the same time. */
function rowsOf(dump: Dump | undefined, changes: readonly ToldChange[]): string {
  return JSON.stringify(changes.map(({ table, key }) => dump?.get(table)?.get(key) ?? null))
}
