import type { Message } from '../ports/message.ts'
import { headerNames } from './headers.ts'

/** Messages of one partition, among which are those that have caused a cascade. */
export interface Origin {
  readonly topic: string
  readonly partition: number
  readonly from: bigint
  /** The offset of the last message. */
  readonly to: bigint
}

/** More origins are combined by partition, so that the header stays small. */
const most = 16

/** A message that has caused others. */
export type Cause = Pick<Message, 'topic' | 'partition' | 'offset' | 'headers'>

/** The origins of what these messages cause. A message of a cascade has those of the changes that have caused it. */
export function originsOf(messages: readonly Cause[]): readonly Origin[] {
  const inherited: Origin[] = []
  const own: Origin[] = []
  for (const { topic, partition, offset, headers } of messages) {
    const origins = decodeOrigins(headers[headerNames.origins])
    if (origins.length > 0) inherited.push(...origins)
    else own.push({ topic, partition, from: offset, to: offset })
  }
  // The messages of a batch follow each other.
  return unitedOrigins([...inherited, ...combinedOrigins(own)])
}

/** Returns the value of the header `kt-origins`. */
export function encodeOrigins(origins: readonly Origin[]): string {
  return origins.map(({ topic, partition, from, to }) => `${topic}/${partition}/${from}-${to}`).join(',')
}

/** Reads the header `kt-origins`. It may come from anybody, so whatever is no origin is skipped. */
export function decodeOrigins(header: string | undefined): readonly Origin[] {
  if (header === undefined) return []
  return header.split(',').flatMap((text) => {
    const [, topic, partition, from, to] = /^([\w.-]+)\/(\d{1,9})\/(\d{1,19})-(\d{1,19})$/.exec(text) ?? []
    if (topic === undefined || from === undefined || to === undefined) return []
    return [{ topic, partition: Number(partition), from: BigInt(from), to: BigInt(to) }]
  })
}

/** Leaves out what occurs twice, and combines the origins when they are many. */
export function unitedOrigins(all: readonly Origin[]): readonly Origin[] {
  const distinct = new Map(all.map((origin) => [encodeOrigins([origin]), origin]))
  return distinct.size <= most ? [...distinct.values()] : combinedOrigins(all)
}

/** Combines the origins of each partition. */
export function combinedOrigins(all: readonly Origin[]): readonly Origin[] {
  const byPartition = new Map<string, Origin>()
  for (const origin of all) {
    const key = `${origin.topic}/${origin.partition}`
    const { from, to } = byPartition.get(key) ?? origin
    byPartition.set(key, {
      ...origin,
      from: origin.from < from ? origin.from : from,
      to: origin.to > to ? origin.to : to,
    })
  }
  return [...byPartition.values()]
}
