import { Client } from '@elastic/elasticsearch'
import { Consumer } from '@kt/consumer'
import { Producer } from '@kt/producer'
import { Kafka, logLevel } from 'kafkajs'
import type { Addresses } from './addresses.ts'

export function newKafka({ brokers }: Pick<Addresses, 'brokers'>): Kafka {
  return new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING })
}

/** Uses the default settings. */
export function newConsumer(addresses: Pick<Addresses, 'brokers'>): Consumer {
  return new Consumer({ kafka: () => newKafka(addresses) })
}

export function newProducer(addresses: Pick<Addresses, 'brokers'>): Producer {
  return new Producer({ kafka: newKafka(addresses) })
}

export function newClient({ elasticsearchUrl }: Pick<Addresses, 'elasticsearchUrl'>): Client {
  return new Client({ node: elasticsearchUrl })
}
