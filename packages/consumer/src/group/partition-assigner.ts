import { AssignerProtocol } from 'kafkajs'
import type { Assigner, GroupMember, PartitionAssigner } from 'kafkajs'
import { assignPartitions } from './assign-partitions.ts'
import type { Member } from './assign-partitions.ts'

/** What a member tells the leader about itself. */
interface MemberData {
  readonly partition?: number | undefined
  readonly owned: Readonly<Record<string, readonly number[]>>
}

/**
 * `assignPartitions` as an assigner of kafkajs. A member sends its data as JSON in its `userData`.
 *
 * All members of a group must use the same protocol; otherwise a new member crashes. So every consumer of this package
 * uses this assigner, with or without the option `partition`.
 *
 * @param memberData called at every join
 */
export function partitionAssigner(memberData: () => MemberData): PartitionAssigner {
  return ({ cluster }): Assigner => ({
    name: 'KtAssigner',
    version: 1,
    protocol({ topics }) {
      const userData = Buffer.from(JSON.stringify(memberData()))
      return {
        name: this.name,
        metadata: AssignerProtocol.MemberMetadata.encode({ version: 1, topics, userData }),
      }
    },
    async assign({ members }) {
      const known = members.map(toMember)
      const topics = [...new Set(known.flatMap((member) => member.topics))]
      await cluster.addMultipleTargetTopics(topics)
      const partitions = new Map(
        topics.map((topic) => [
          topic,
          cluster.findTopicPartitionMetadata(topic).map((each) => each.partitionId),
        ]),
      )
      return [...assignPartitions(known, partitions)].map(([memberId, assignment]) => ({
        memberId,
        memberAssignment: AssignerProtocol.MemberAssignment.encode({
          version: 1,
          assignment,
          userData: Buffer.alloc(0),
        }),
      }))
    },
  })
}

function toMember({ memberId, memberMetadata }: GroupMember): Member {
  const metadata = AssignerProtocol.MemberMetadata.decode(memberMetadata)
  const { partition, owned } = JSON.parse(metadata?.userData.toString() ?? '{"owned":{}}') as MemberData
  return { memberId, topics: metadata?.topics ?? [], owned, ...(partition !== undefined && { partition }) }
}
