import { defaultLogger, noopMeter } from '@kt/core'
import { optionChecker } from '@kt/core/internal'
import type { Resolved } from '@kt/core/internal'
import type { DeadLetter, Logger, MessageConsumer, MessageProducer, Meter } from '@kt/core'

export interface RedriveOptions {
  /** Reads the dead letters. */
  readonly consumer: MessageConsumer
  /** Puts them back. */
  readonly producer: MessageProducer
  /**
   * The topic whose messages were given up, such as `cities` or `delay_5m`. Its dead letters are in
   * `<topic>.dead-letter`.
   */
  readonly topic: string
  /**
   * Selects the letters to put back. The others stay: they are moved to the end of the dead-letter topic. When it
   * throws, `redrive` rejects with its error.
   *
   * @defaultValue all
   */
  readonly filter?: (letter: DeadLetter) => boolean | Promise<boolean>
  /**
   * The consumer group. Its offsets record which letters are done.
   *
   * @defaultValue '<topic>_redrive'
   */
  readonly name?: string
  /**
   * The most letters that are put back at once. After a crash, at most this many letters of each partition are put back
   * twice.
   *
   * @defaultValue 1000
   */
  readonly batchSize?: number
  /** Stops after the current batch when it fires. */
  readonly signal?: AbortSignal
  /** @defaultValue warnings and errors to the console */
  readonly logger?: Logger
  /** @defaultValue measurements are dropped */
  readonly meter?: Meter
}

export type ResolvedRedriveOptions = Resolved<RedriveOptions, 'signal'>

/** @throws KtError `KT_OPTION_INVALID` */
export function resolveRedriveOptions(options: RedriveOptions): ResolvedRedriveOptions {
  const check = optionChecker('redrive')
  const topic = check.string('topic', options.topic)
  return Object.freeze({
    consumer: check.port('consumer', options.consumer, ['consume']),
    producer: check.port('producer', options.producer, ['batch']),
    topic,
    filter: check.callable('filter', options.filter ?? (() => true)),
    name: check.string('name', options.name ?? `${topic}_redrive`),
    batchSize: check.integer('batchSize', options.batchSize ?? 1_000, { min: 1 }),
    signal: options.signal,
    logger: check.port('logger', options.logger ?? defaultLogger, ['debug', 'info', 'warn', 'error']),
    meter: check.port('meter', options.meter ?? noopMeter, ['add', 'record']),
  })
}
