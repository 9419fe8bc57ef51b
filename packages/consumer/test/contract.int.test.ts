import { silentLogger } from '@kt/core'
import { Consumer } from '@kt/consumer'
import { describeMessageConsumer } from 'testkit/contracts'

describeMessageConsumer(
  'Consumer',
  (scope) =>
    new Consumer({ kafka: () => scope.kafka(), logger: silentLogger, retry: { initialMs: 20, maxMs: 100 } }),
)
