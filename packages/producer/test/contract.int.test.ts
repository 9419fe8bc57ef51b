import { Producer } from '@kt/producer'
import { describeMessageProducer } from 'testkit/contracts'

describeMessageProducer('Producer', (scope) => Promise.resolve(new Producer({ kafka: scope.kafka() })))
