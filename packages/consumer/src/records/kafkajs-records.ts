import type { KafkajsRecord } from './record-message.ts'
import type { RecordMessages } from './record-messages.ts'

/** kafkajs asks twice, and that for each fetch: for the records from its offset on, and for those that are no markers. */
const questions = 2

/**
 * The records of a partition as kafkajs has them, made when somebody looks at them. kafkajs looks at the first and the
 * last one only, if there are no markers of transactions.
 */
export function kafkajsRecords(messages: RecordMessages): KafkajsRecord[] {
  return messages.length === 0 ? [] : new Proxy<KafkajsRecord[]>([], new LazyRecords(messages))
}

type Accepts = (record: KafkajsRecord, index: number, records: KafkajsRecord[]) => boolean

class LazyRecords implements ProxyHandler<KafkajsRecord[]> {
  readonly #messages: RecordMessages
  #isComplete = false
  #questionsLeft = questions

  constructor(messages: RecordMessages) {
    this.#messages = messages
  }

  get(records: KafkajsRecord[], key: PropertyKey, proxy: KafkajsRecord[]): unknown {
    const { length } = this.#messages
    if (!this.#isComplete) {
      if (key === 'length') return length
      if (key === '0') return this.#one(records, 0)
      if (key === String(length - 1)) return this.#one(records, length - 1)
      if (key === 'filter' && this.#questionsLeft > 0)
        return (accepts: Accepts) => this.#filter(records, accepts, proxy)
    }
    return Reflect.get(this.#all(records), key)
  }

  set(records: KafkajsRecord[], key: PropertyKey, value: unknown): boolean {
    return Reflect.set(this.#all(records), key, value)
  }

  has(records: KafkajsRecord[], key: PropertyKey): boolean {
    return Reflect.has(this.#all(records), key)
  }

  ownKeys(records: KafkajsRecord[]): (string | symbol)[] {
    return Reflect.ownKeys(this.#all(records))
  }

  getOwnPropertyDescriptor(records: KafkajsRecord[], key: PropertyKey): PropertyDescriptor | undefined {
    return Reflect.getOwnPropertyDescriptor(this.#all(records), key)
  }

  defineProperty(records: KafkajsRecord[], key: PropertyKey, property: PropertyDescriptor): boolean {
    return Reflect.defineProperty(this.#all(records), key, property)
  }

  deleteProperty(records: KafkajsRecord[], key: PropertyKey): boolean {
    return Reflect.deleteProperty(this.#all(records), key)
  }

  /** What accepts the first record accepts the others, too: offsets only rise, and none is a marker. */
  #filter(records: KafkajsRecord[], accepts: Accepts, proxy: KafkajsRecord[]): KafkajsRecord[] {
    this.#questionsLeft -= 1
    if (!this.#isComplete && accepts(this.#one(records, 0), 0, proxy)) return proxy
    return this.#all(records).filter(accepts)
  }

  #one(records: KafkajsRecord[], index: number): KafkajsRecord {
    return (records[index] ??= this.#make(index))
  }

  #all(records: KafkajsRecord[]): KafkajsRecord[] {
    if (this.#isComplete) return records
    this.#isComplete = true
    for (let index = 0; index < this.#messages.length; index += 1) this.#one(records, index)
    return records
  }

  #make(index: number): KafkajsRecord {
    const message = this.#messages.at(index)
    if (message === undefined) throw new RangeError('there is no such record')
    return message.toKafkajs()
  }
}
