import { KtError } from '@kt/core'

/** The topics for which Kafka seems to be away. */
export class Faults {
  #everywhere: { readonly error: Error | undefined } | undefined
  readonly #byTopic = new Map<string, Error | undefined>()

  add(topic: string | undefined, error: Error | undefined): void {
    if (topic === undefined) this.#everywhere = { error }
    else this.#byTopic.set(topic, error)
  }

  /** Without a topic, removes all faults. */
  remove(topic: string | undefined): void {
    if (topic !== undefined) return void this.#byTopic.delete(topic)
    this.#everywhere = undefined
    this.#byTopic.clear()
  }

  /** The error of a call for this topic, if it has to fail. */
  of(topic: string): Error | undefined {
    if (this.#byTopic.has(topic)) return this.#byTopic.get(topic) ?? away(topic)
    return this.#everywhere && (this.#everywhere.error ?? away(topic))
  }
}

function away(topic: string): KtError {
  return new KtError('KT_PRODUCE_TIMEOUT', `Kafka did not acknowledge for "${topic}", as the test wants it`, {
    retryable: true,
  })
}
