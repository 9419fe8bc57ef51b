/** What a member sends to the group's leader. */
export interface Member {
  readonly memberId: string
  readonly topics: readonly string[]
  /** The only partition that it wants. Without it, the member gets a share of all partitions. */
  readonly partition?: number
  /** The partitions that it owns now, by topic. Keeping them avoids moves. */
  readonly owned: Readonly<Record<string, readonly number[]>>
}

/** The partitions of each member, by topic. */
export type Assignment = Map<string, Record<string, number[]>>

/**
 * Assigns partitions to members. A partition that members ask for goes to one of them, preferably its owner; the others
 * are standbys. The rest is shared evenly among the members that ask for none. Owners keep their partitions as far as
 * even shares allow. The result does not depend on the order of the members.
 */
export function assignPartitions(
  members: readonly Member[],
  partitionsByTopic: ReadonlyMap<string, readonly number[]>,
): Assignment {
  const sorted = members.toSorted((a, b) => (a.memberId < b.memberId ? -1 : 1))
  const assignment: Assignment = new Map(sorted.map(({ memberId }) => [memberId, {}]))
  const give = (memberId: string, topic: string, partitions: number[]): void => {
    const topics = assignment.get(memberId)
    if (topics && partitions.length > 0) topics[topic] = [...(topics[topic] ?? []), ...partitions]
  }
  for (const [topic, partitions] of partitionsByTopic) {
    const subscribers = sorted.filter(({ topics }) => topics.includes(topic))
    const wanted = new Set<number>()
    for (const partition of partitions) {
      const candidates = subscribers.filter((member) => member.partition === partition)
      if (candidates.length === 0) continue
      wanted.add(partition)
      const owner = candidates.find((member) => owns(member, topic, partition)) ?? candidates[0]
      if (owner) give(owner.memberId, topic, [partition])
    }
    const free = partitions.filter((partition) => !wanted.has(partition))
    const sharers = subscribers.filter((member) => member.partition === undefined)
    for (const [memberId, share] of distribute(sharers, topic, free)) give(memberId, topic, share)
  }
  return assignment
}

function distribute(
  members: readonly Member[],
  topic: string,
  partitions: readonly number[],
): Map<string, number[]> {
  const shares = new Map<string, number[]>(members.map(({ memberId }) => [memberId, []]))
  const left = new Set(partitions)
  const least = members.length === 0 ? 0 : Math.floor(partitions.length / members.length)
  let larger = members.length === 0 ? 0 : partitions.length % members.length
  // Members that own most come first and get the larger shares, so that fewer partitions move.
  const owners = members.toSorted((a, b) => (b.owned[topic]?.length ?? 0) - (a.owned[topic]?.length ?? 0))
  for (const { memberId, owned } of owners) {
    const kept = (owned[topic] ?? []).filter((partition) => left.has(partition))
    const most = kept.length > least && larger > 0 ? least + 1 : least
    if (most > least) larger -= 1
    for (const partition of kept.slice(0, most)) {
      shares.get(memberId)?.push(partition)
      left.delete(partition)
    }
  }
  for (const partition of left) {
    const [smallest] = [...shares.values()].toSorted((a, b) => a.length - b.length)
    smallest?.push(partition)
  }
  return shares
}

function owns(member: Member, topic: string, partition: number): boolean {
  return member.owned[topic]?.includes(partition) ?? false
}
