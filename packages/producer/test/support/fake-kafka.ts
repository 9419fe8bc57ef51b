import type {
  Admin,
  Kafka,
  Message,
  PartitionMetadata,
  Producer,
  ProducerBatch,
  ProducerConfig,
} from 'kafkajs'

interface FakeRequest {
  readonly topic: string
  readonly values: readonly unknown[]
}

export interface FakeKafka {
  readonly kafka: Pick<Kafka, 'producer' | 'admin'>
  /** The requests in the order in which they were sent. */
  readonly requests: readonly FakeRequest[]
  /** How many kafkajs producers have connected, and how many are still connected. */
  readonly connects: number
  readonly open: number
  /** How often a topic's partitions were looked up, and how many of those connections are still open. */
  readonly lookUps: number
  readonly openAdmins: number
}

export interface FakeKafkaOptions {
  readonly partitions?: () => number
  readonly connect?: (nth: number) => Promise<void>
  /** Determines the result of the nth request, counted from 1. */
  readonly onRequest?: (request: FakeRequest, nth: number) => Promise<void> | void
  readonly onLookUp?: (topic: string, nth: number) => Promise<void> | void
}

/** The part of kafkajs that the producer uses. It partitions, and silently drops messages for unknown partitions. */
export function fakeKafka(options: FakeKafkaOptions = {}): FakeKafka {
  const { partitions = () => 1, connect, onRequest, onLookUp } = options
  const requests: FakeRequest[] = []
  let connects = 0
  let open = 0
  let lookUps = 0
  let openAdmins = 0
  const producer = (config?: ProducerConfig): Producer => {
    const choose = config?.createPartitioner?.() ?? (() => 0)
    // As in kafkajs, the metadata are as old as the connection.
    const partitionMetadata = metadata(partitions())
    let isConnected = false
    const sendBatch = async ({ topicMessages = [] }: ProducerBatch): Promise<unknown> => {
      if (!isConnected) throw new Error('The producer is disconnected')
      const { topic, messages } = topicMessages[0] ?? { topic: '', messages: [] as Message[] }
      const found = messages
        .map((message) => choose({ topic, partitionMetadata, message }))
        .filter((partition) => partition < partitionMetadata.length)
      const request = { topic, values: messages.map(({ value }) => value) }
      requests.push(request)
      await onRequest?.(request, requests.length)
      return [...new Set(found)].map((partition) => ({ topicName: topic, partition, errorCode: 0 }))
    }
    return {
      connect: async () => {
        connects += 1
        await connect?.(connects)
        isConnected = true
        open += 1
      },
      disconnect: () => {
        isConnected = false
        return Promise.resolve(void (open -= 1))
      },
      sendBatch,
    } as unknown as Producer
  }
  const admin = (): Admin =>
    ({
      connect: () => Promise.resolve(void (openAdmins += 1)),
      disconnect: () => Promise.resolve(void (openAdmins -= 1)),
      fetchTopicMetadata: async ({ topics: [topic = ''] = [] }: { topics?: string[] }) => {
        lookUps += 1
        await onLookUp?.(topic, lookUps)
        return { topics: [{ name: topic, partitions: metadata(partitions()) }] }
      },
    }) as unknown as Admin
  return {
    kafka: { producer, admin },
    requests,
    get connects() {
      return connects
    },
    get open() {
      return open
    },
    get lookUps() {
      return lookUps
    },
    get openAdmins() {
      return openAdmins
    },
  }
}

/** Builds an error as kafkajs throws it for a broker's answer. */
export function brokerError(type: string): Error {
  return Object.assign(new Error(type), { type })
}

function metadata(count: number): PartitionMetadata[] {
  return Array.from({ length: count }, (_, partitionId) => ({
    partitionErrorCode: 0,
    partitionId,
    leader: 1,
    replicas: [1],
    isr: [1],
  }))
}
