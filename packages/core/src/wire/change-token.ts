import { KtError } from '../errors/kt-error.ts'
import type { OffsetRange, WrittenRanges } from '../ports/message-producer.ts'
import type { JsonValue } from './json.ts'

/** What it takes to find out whether committed changes have reached an index. */
export interface ChangeToken {
  /** The change ids of the transactions. The messages' own ids begin with them. */
  readonly changeIds: readonly string[]
  /** By topic: where the instant messages are. */
  readonly written: ReadonlyMap<string, WrittenRanges>
  /** Topics with changes whose instant messages could not be sent: their delay messages follow. */
  readonly delayed: readonly string[]
}

/** The transaction of a message's change id, whose last part numbers the messages of the transaction. */
export function transactionOf(changeId: string): string {
  return changeId.slice(0, changeId.lastIndexOf('.'))
}

/** Encodes a token as a string that may be used in cookies, headers and addresses. */
export function encodeChangeToken({ changeIds, written, delayed }: ChangeToken): string {
  const byTopic = [...written].map(([topic, ranges]) => [
    topic,
    [...ranges].map(([partition, { from, end }]) => [partition, Number(from), Number(end)]),
  ])
  return Buffer.from(JSON.stringify([changeIds, byTopic, delayed])).toString('base64url')
}

/**
 * Decodes a token. It may come from anybody, so it only says what to wait for.
 *
 * @throws KtError `KT_TOKEN_INVALID`
 */
export function decodeChangeToken(token: string): ChangeToken {
  const [changeIds, byTopic, delayed] = listOf(parse(token))
  return {
    changeIds: listOf(changeIds).map(toText),
    written: new Map(
      listOf(byTopic).map((entry) => {
        const [topic, ranges] = listOf(entry)
        return [toText(topic), new Map(listOf(ranges).map(toRange))]
      }),
    ),
    delayed: listOf(delayed).map(toText),
  }
}

function toRange(entry: JsonValue): readonly [partition: number, range: OffsetRange] {
  const [partition, from, end] = listOf(entry)
  return [toInteger(partition), { from: BigInt(toInteger(from)), end: BigInt(toInteger(end)) }]
}

function parse(token: unknown): JsonValue {
  if (typeof token !== 'string') throw invalid()
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString()) as JsonValue
  } catch {
    throw invalid()
  }
}

function listOf(json: JsonValue | undefined): readonly JsonValue[] {
  if (!Array.isArray(json)) throw invalid()
  return json as readonly JsonValue[]
}

function toText(json: JsonValue | undefined): string {
  if (typeof json !== 'string' || json === '') throw invalid()
  return json
}

function toInteger(json: JsonValue | undefined): number {
  if (!Number.isSafeInteger(json) || (json as number) < 0) throw invalid()
  return json as number
}

function invalid(): KtError<'KT_TOKEN_INVALID'> {
  return new KtError('KT_TOKEN_INVALID', 'The token was not made by UpdateStreamer.token, or was cut off', {
    retryable: false,
  })
}
