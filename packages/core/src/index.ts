export type { KtErrorCode } from './errors/error-code.ts'
export { causesOf } from './errors/causes-of.ts'
export { errorFields } from './errors/error-fields.ts'
export { isRefused } from './errors/is-refused.ts'
export { KtError } from './errors/kt-error.ts'
export type { KtErrorOptions } from './errors/kt-error.ts'
export { optionChecker } from './errors/option-checker.ts'
export type { OptionChecker } from './errors/option-checker.ts'
export { accessAdvice, isAccessRefused } from './kafkajs/access.ts'
export { quietRequestQueues } from './kafkajs/quiet-request-queues.ts'
export { defaultLogger, silentLogger } from './ports/logger.ts'
export type { LogFields, Logger } from './ports/logger.ts'
export type { Message } from './ports/message.ts'
export type {
  BatchContext,
  CatchUpOptions,
  ConsumeOptions,
  Consumption,
  MessageConsumer,
  MessageHandler,
  Pause,
  StartOffset,
} from './ports/message-consumer.ts'
export type {
  KeyPartitioner,
  MessageBatch,
  MessageProducer,
  ProduceOptions,
} from './ports/message-producer.ts'
export { noopMeter } from './ports/meter.ts'
export type { Meter, MetricLabels } from './ports/meter.ts'
export { ticketLeap } from './ports/read-tickets.ts'
export type { ReadTickets } from './ports/read-tickets.ts'
export type { RecordSource } from './ports/record-source.ts'
export type { IsOpen, OpenTransactions } from './ports/open-transactions.ts'
export { requireTopic } from './ports/require-topic.ts'
export { recordStreamOf, recordStreamProperty } from './ports/record-stream.ts'
export type { RecordStream } from './ports/record-stream.ts'
export { backoff } from './retry/backoff.ts'
export type { Backoff, BackoffOptions } from './retry/backoff.ts'
export { runningClock } from './retry/running-clock.ts'
export { sleep } from './retry/sleep.ts'
export { within } from './retry/within.ts'
export { TopicWorker } from './worker/topic-worker.ts'
export type { RunOptions } from './worker/topic-worker.ts'
export { decodeDeadLetter } from './wire/decode-dead-letter.ts'
export type { DeadLetter } from './wire/decode-dead-letter.ts'
export { deadLetterTopic, toDeadLetter } from './wire/dead-letter.ts'
export { sendDeadLetters } from './wire/send-dead-letters.ts'
export type { GivenUpMessage, RefusedLetter } from './wire/send-dead-letters.ts'
export type { DeadLetterMessage, DeadLetterReason } from './wire/dead-letter.ts'
export { decodeDelayMessage, delayMessageEncoder, encodeDelayMessage } from './wire/delay-message.ts'
export type { DelayMessage } from './wire/delay-message.ts'
export { headerNames } from './wire/headers.ts'
export type { JsonObject, JsonValue } from './wire/json.ts'
export { decodePayload, encodePayload, payloadKey, payloadReferences, toPayload } from './wire/payload.ts'
export type { Payload, References } from './wire/payload.ts'
export { toRecordKey } from './wire/record-id.ts'
export type { RecordId } from './wire/record-id.ts'
export { decodeNamed, encodeRecordList, isRecordList, messagesOfList } from './wire/record-list.ts'
export type { RecordList } from './wire/record-list.ts'
export { isTopicName } from './wire/topic-name.ts'
