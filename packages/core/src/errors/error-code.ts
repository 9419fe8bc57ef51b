/**
 * All codes of a {@link KtError}. The code is part of the public API: match on it, not on messages.
 *
 * - `KT_OPTION_INVALID`: an option has the wrong type or value; the message names it.
 * - `KT_CLOSED`: the object is closed or closing, and accepts no more work.
 * - `KT_ABORTED`: the caller's `AbortSignal` fired.
 * - `KT_PAYLOAD_INVALID`: a message value is not a payload (not JSON, no usable `id`).
 * - `KT_DELAY_MESSAGE_INVALID`: a message value is not a delay message.
 * - `KT_DEAD_LETTER_INVALID`: a message is not a dead letter.
 * - `KT_TOKEN_INVALID`: a change token was not made by `UpdateStreamer.token`.
 * - `KT_PRODUCE_TIMEOUT`: Kafka did not acknowledge in time.
 * - `KT_PRODUCE_FAILED`: Kafka refused a message, or could not be reached.
 * - `KT_PARTITION_UNKNOWN`: the given partition does not exist.
 * - `KT_CONSUME_FAILED`: a consumer could not join its group.
 * - `KT_CATCH_UP_TIMEOUT`: `whenCaughtUp` timed out.
 * - `KT_DELAY_NOT_ACKNOWLEDGED`: the delay messages of a transaction were not acknowledged, and it was rolled back.
 * - `KT_STREAM_FAILED`: a write could not be streamed safely and was rejected.
 * - `KT_LOAD_FAILED`: records could not be read from the database.
 * - `KT_BULK_FAILED`: the search engine could not process a bulk request.
 * - `KT_DOCUMENT_FAILED`: a record could not be converted to a document.
 * - `KT_DOCUMENT_REJECTED`: the search engine refused a document for good.
 * - `KT_REINDEX_DIFFERENT`: a new index is not as the database, so it was not given the alias.
 * - `KT_REINDEX_REFUSED`: a re-index or a rollback would destroy something else, or use what was not proven.
 * - `KT_GENERATION_MISSING`: an index was deleted while it was being filled.
 * - `KT_SERVICE_AWAY`: Kafka, the database or the search engine did not answer; the message names it.
 */
export type KtErrorCode =
  | 'KT_OPTION_INVALID'
  | 'KT_CLOSED'
  | 'KT_ABORTED'
  | 'KT_PAYLOAD_INVALID'
  | 'KT_DELAY_MESSAGE_INVALID'
  | 'KT_DEAD_LETTER_INVALID'
  | 'KT_TOKEN_INVALID'
  | 'KT_PRODUCE_TIMEOUT'
  | 'KT_PRODUCE_FAILED'
  | 'KT_PARTITION_UNKNOWN'
  | 'KT_CONSUME_FAILED'
  | 'KT_CATCH_UP_TIMEOUT'
  | 'KT_DELAY_NOT_ACKNOWLEDGED'
  | 'KT_STREAM_FAILED'
  | 'KT_LOAD_FAILED'
  | 'KT_BULK_FAILED'
  | 'KT_DOCUMENT_FAILED'
  | 'KT_DOCUMENT_REJECTED'
  | 'KT_REINDEX_DIFFERENT'
  | 'KT_REINDEX_REFUSED'
  | 'KT_GENERATION_MISSING'
  | 'KT_SERVICE_AWAY'
