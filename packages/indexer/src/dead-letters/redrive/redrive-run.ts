import { isRefused } from '@kt/core/internal'
import type { BatchContext, DeadLetter, Message, Pause } from '@kt/core'
import type { ResolvedRedriveOptions } from './options.ts'
import { kept, readLetter, redriven } from './put-back.ts'
import type { PutBack } from './put-back.ts'

export interface RedriveResult {
  readonly redriven: number
  readonly skipped: number
}

/** After this many tries of a batch the run fails, so that the caller learns that Kafka is unavailable. */
const maxAttempts = 5

/** The longest delay of a timer: the partition stays paused until the run ends. */
const untilTheEndMs = 2 ** 31 - 1

/** One run over the letters that exist when it begins. */
export class RedriveRun {
  readonly #options: ResolvedRedriveOptions
  readonly #failed = new AbortController()
  readonly #ends: Promise<ReadonlyMap<number, bigint>>
  #begin: (ends: ReadonlyMap<number, bigint>) => void = () => undefined
  #redriven = 0
  #skipped = 0

  constructor(options: ResolvedRedriveOptions) {
    this.#options = options
    this.#ends = new Promise((resolve) => {
      this.#begin = resolve
    })
  }

  /** Fires when the run fails, with the error as its reason. */
  get failed(): AbortSignal {
    return this.#failed.signal
  }

  get result(): RedriveResult {
    return { redriven: this.#redriven, skipped: this.#skipped }
  }

  /** Starts the work. Leaves messages from these offsets on alone: this run may have put them there. */
  begin(ends: ReadonlyMap<number, bigint>): void {
    this.#begin(ends)
  }

  async handle(messages: readonly Message[], context: BatchContext): Promise<Pause | void> {
    const end = (await this.#ends).get(context.partition) ?? 0n
    const beyond = messages.find(({ offset }) => offset >= end)
    await this.#putBack(
      messages.filter(({ offset }) => offset < end),
      context,
    )
    return beyond && { from: beyond.offset, forMs: untilTheEndMs }
  }

  async #putBack(messages: readonly Message[], { attempt }: BatchContext): Promise<void> {
    const { producer, topic, name, meter } = this.#options
    const { back, stay } = await this.#sort(messages)
    try {
      await producer.batch((batch) => {
        for (const { value, options } of [...back, ...stay]) batch.produce(value, options)
      })
    } catch (error) {
      if (isRefused(error) || attempt >= maxAttempts) this.#failed.abort(error)
      throw error
    }
    this.#redriven += back.length
    this.#skipped += stay.length
    meter.add('kt_redrive_letters_total', back.length, { topic, name, outcome: 'redriven' })
    meter.add('kt_redrive_letters_total', stay.length, { topic, name, outcome: 'skipped' })
  }

  async #sort(messages: readonly Message[]): Promise<{ back: readonly PutBack[]; stay: readonly PutBack[] }> {
    const back: PutBack[] = []
    const stay: PutBack[] = []
    for (const message of messages) {
      const letter = this.#read(message)
      if (letter !== undefined && (await this.#passes(letter))) back.push(redriven(message, letter))
      else stay.push(kept(message))
    }
    return { back, stay }
  }

  #read(message: Message): DeadLetter | undefined {
    const { topic, name, logger } = this.#options
    const letter = readLetter(message, topic)
    if (letter === undefined) {
      const { topic: where, partition, offset } = message
      const place = { topic: where, partition, offset: String(offset), group: name }
      logger.warn('A message of the dead-letter topic is no dead letter of this topic: it stays there', place)
    }
    return letter
  }

  async #passes(letter: DeadLetter): Promise<boolean> {
    try {
      return await this.#options.filter(letter)
    } catch (error) {
      this.#failed.abort(error)
      throw error
    }
  }
}
