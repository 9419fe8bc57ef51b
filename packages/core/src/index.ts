export type { KtErrorCode } from './errors/error-code.ts'
export { errorFields } from './errors/error-fields.ts'
export { KtError } from './errors/kt-error.ts'
export type { KtErrorOptions } from './errors/kt-error.ts'
export type { BackoffOptions } from './internal/backoff.ts'
export type { RunOptions } from './internal/topic-worker.ts'
export { defaultLogger, silentLogger } from './ports/logger.ts'
export type { LogFields, Logger } from './ports/logger.ts'
export type { Message } from './ports/message.ts'
export type {
  BatchContext,
  BehindOptions,
  CatchUpOptions,
  ConsumeOptions,
  Consumption,
  MessageConsumer,
  MessageHandler,
  Pause,
  StartOffset,
} from './ports/message-consumer.ts'
export type {
  BatchOptions,
  KeyPartitioner,
  MessageBatch,
  MessageProducer,
  ProduceOptions,
  OffsetRange,
  WrittenRanges,
} from './ports/message-producer.ts'
export { noopMeter } from './ports/meter.ts'
export type { GaugeMeter, Meter, MetricLabels } from './ports/meter.ts'
export type { IsOpen, OpenTransactions } from './ports/open-transactions.ts'
export type { ReadTickets } from './ports/read-tickets.ts'
export type { RecordSource } from './ports/record-source.ts'
export { recordStreamOf } from './ports/record-stream.ts'
export type { RecordStream } from './ports/record-stream.ts'
export { decodeChangeToken, encodeChangeToken } from './wire/change-token.ts'
export type { ChangeToken } from './wire/change-token.ts'
export { changedColumns, hasChanged } from './wire/changed-columns.ts'
export { deadLetterTopic, toDeadLetter } from './wire/dead-letter.ts'
export type { DeadLetterMessage, DeadLetterReason } from './wire/dead-letter.ts'
export { decodeDeadLetter } from './wire/decode-dead-letter.ts'
export type { DeadLetter } from './wire/decode-dead-letter.ts'
export { decodeDelayMessage, encodeDelayMessage } from './wire/delay-message.ts'
export type { DelayMessage } from './wire/delay-message.ts'
export { headerNames } from './wire/headers.ts'
export type { JsonObject, JsonValue } from './wire/json.ts'
export { decodePayload, encodePayload, payloadKey, payloadReferences } from './wire/payload.ts'
export type { Payload, References } from './wire/payload.ts'
export type { RecordId } from './wire/record-id.ts'
export { decodeNamed, encodeRecordList, isRecordList, messagesOfList } from './wire/record-list.ts'
export type { RecordList } from './wire/record-list.ts'
