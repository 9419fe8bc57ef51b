import type { Message, Meter, MetricLabels } from '@kt/core'
import { isDelayed } from '@kt/core/internal'

/** The outcome of a record: the label `outcome` of `kt_indexer_records_total`. */
export type Outcome = 'indexed' | 'deleted' | 'newer' | 'skipped' | 'unread' | 'dead'

/**
 * The metrics of an Indexer:
 * - `kt_indexer_records_total`: records by `outcome`. `newer`: the index had a newer version. `skipped` counts messages
 *   whose change was already indexed.
 * - `kt_indexer_retries_total`: retried records by `status`, the HTTP status of the search engine: 404 for a missing
 *   index, `none` without a response
 * - `kt_indexer_dead_letter_failures_total`: batches that are retried because their dead letters could not be sent
 * - `kt_indexer_load_duration_ms`, `kt_indexer_loaded_total`: queries, and the requested ids
 * - `kt_indexer_bulk_duration_ms`, `kt_indexer_bulk_bytes`: bulk requests that got a response
 * - `kt_indexer_bulk_failures_total`: bulk requests that failed as a whole
 * - `kt_indexer_latency_ms`: from the message's timestamp, right after the commit, to the response of the search
 *   engine. Excludes delay messages: their timestamp is when they were re-sent.
 */
export class IndexerMetrics {
  readonly #meter: Meter
  readonly #labels: MetricLabels

  constructor(meter: Meter, labels: MetricLabels) {
    this.#meter = meter
    this.#labels = labels
  }

  records(outcome: Outcome, count: number): void {
    if (count > 0) this.#meter.add('kt_indexer_records_total', count, { ...this.#labels, outcome })
  }

  /** @param status the HTTP status of the search engine's response, if there was one */
  retries(count: number, status: number | 'none' = 'none'): void {
    if (count > 0) this.#meter.add('kt_indexer_retries_total', count, { ...this.#labels, status })
  }

  deadLettersFailed(): void {
    this.#meter.add('kt_indexer_dead_letter_failures_total', 1, this.#labels)
  }

  load(ids: number, durationMs: number): void {
    this.#meter.add('kt_indexer_loaded_total', ids, this.#labels)
    this.#meter.record('kt_indexer_load_duration_ms', durationMs, this.#labels)
  }

  bulk(body: string, durationMs: number): void {
    this.#meter.record('kt_indexer_bulk_duration_ms', durationMs, this.#labels)
    this.#meter.record('kt_indexer_bulk_bytes', Buffer.byteLength(body), this.#labels)
  }

  bulkFailed(): void {
    this.#meter.add('kt_indexer_bulk_failures_total', 1, this.#labels)
  }

  latency(messages: readonly Message[], nowMs: number): void {
    for (const message of messages) {
      if (isDelayed(message.headers)) continue
      // The clocks of different machines differ, and a latency can't be negative.
      this.#meter.record('kt_indexer_latency_ms', Math.max(0, nowMs - message.timestampMs), this.#labels)
    }
  }
}
