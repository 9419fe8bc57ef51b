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
  /** The requests in the order of their sending. */
  readonly requests: readonly FakeRequest[]
  /** How many kafkajs producers were connected, and how many of them are still. */
  readonly connects: number
  readonly open: number
  /** How often the partitions of a topic were looked up, and how many of those connections are still open. */
  readonly lookUps: number
  readonly openAdmins: number
}

export interface FakeKafkaOptions {
  readonly partitions?: () => number
  readonly connect?: (nth: number) => Promise<void>
  /** What happens to the nth request, from 1. */
  readonly onRequest?: (request: FakeRequest, nth: number) => Promise<void> | void
  readonly onLookUp?: (topic: string, nth: number) => Promise<void> | void
}

/** As much of kafkajs as the producer uses: it really partitions, and silently drops what has no partition. */
export function fakeKafka(options: FakeKafkaOptions = {}): FakeKafka {
  const { partitions = () => 1, connect, onRequest, onLookUp } = options
  const requests: FakeRequest[] = []
  let connects = 0
  let open = 0
  let lookUps = 0
  let openAdmins = 0
  const producer = (config?: ProducerConfig): Producer => {
    const choose = config?.createPartitioner?.() ?? (() => 0)
    // Like kafkajs's own, the metadata are as old as the connection.
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

/** An error as a broker's answer makes kafkajs throw it. */
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
