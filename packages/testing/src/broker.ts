import { KtError } from '@kt/core'
import { isTopicName } from '@kt/core/internal'
import { Changes } from './changes.ts'
import { Clock } from './clock.ts'
import { Faults } from './faults.ts'
import { Group } from './group.ts'
import type { ResolvedMemoryKafkaOptions } from './options.ts'
import type { OutgoingMessage } from './outgoing-message.ts'
import type { StoredMessage } from './topic.ts'
import { Topic } from './topic.ts'

/** The topics, the consumer groups, and their clock. */
export class Broker {
  readonly options: ResolvedMemoryKafkaOptions
  readonly clock: Clock = new Clock()
  readonly changes: Changes = new Changes()
  readonly faults: Faults = new Faults()
  readonly #topics = new Map<string, Topic>()
  readonly #groups = new Map<string, Group>()
  #activity = 0

  constructor(options: ResolvedMemoryKafkaOptions) {
    this.options = options
  }

  /** Grows with each message that is written or handled. */
  get activity(): number {
    return this.#activity
  }

  get groups(): Iterable<Group> {
    return this.#groups.values()
  }

  /** Creates the topic if it is new. */
  topic(name: string): Topic {
    const existing = this.#topics.get(name)
    if (existing !== undefined) return existing
    if (!isAllowed(name))
      throw new KtError('KT_PRODUCE_FAILED', `Kafka refuses the topic name "${name}"`, { retryable: false })
    const { topics, partitions } = this.options
    const topic = new Topic(name, (Object.hasOwn(topics, name) ? topics[name] : undefined) ?? partitions)
    this.#topics.set(name, topic)
    return topic
  }

  /** The messages of a topic, which may be unknown. */
  messages(topic: string): readonly StoredMessage[] {
    return this.#topics.get(topic)?.messages ?? []
  }

  group(topic: string, name: string): Group {
    if (!isAllowed(topic))
      throw new KtError('KT_CONSUME_FAILED', `Kafka refuses the topic name "${topic}"`, { retryable: false })
    const key = JSON.stringify([topic, name])
    const group = this.#groups.get(key) ?? new Group(name, this.topic(topic), this)
    this.#groups.set(key, group)
    return group
  }

  append(topic: Topic, message: OutgoingMessage, partition: number): bigint {
    const { offset } = topic.append(message, partition, this.clock.nowMs)
    this.noteActivity()
    for (const group of this.#groups.values()) if (group.topic === topic) group.wake(partition)
    return offset
  }

  noteActivity(): void {
    this.#activity += 1
    this.changes.notify()
  }
}

function isAllowed(topic: string): boolean {
  return isTopicName(topic)
}
