import type { Kafka, Message } from 'kafkajs'

type KafkaClients = Pick<Kafka, 'producer' | 'admin'>

/** Wraps `sendBatch` of every producer, as APM agents do, and passes all messages through `change`. */
export function withAgent(kafka: KafkaClients, change: (message: Message) => Message): KafkaClients {
  return {
    admin: (config) => kafka.admin(config),
    producer: (config) => {
      const producer = kafka.producer(config)
      const sendBatch = producer.sendBatch.bind(producer)
      producer.sendBatch = ({ topicMessages = [], ...batch }) =>
        sendBatch({
          ...batch,
          topicMessages: topicMessages.map(({ topic, messages }) => ({
            topic,
            messages: messages.map(change),
          })),
        })
      return producer
    },
  }
}

export const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

/** Changes messages as OpenTelemetry, Sentry, Elastic APM and New Relic do. */
export function addHeaders(message: Message): Message {
  message.headers ??= {}
  message.headers['traceparent'] = traceparent
  message.headers['baggage'] = 'tenant='.padEnd(600, 'x')
  return message
}

/** Changes messages as dd-trace does. */
export function clone(message: Message): Message {
  return addHeaders({ ...message, headers: { ...message.headers } })
}
