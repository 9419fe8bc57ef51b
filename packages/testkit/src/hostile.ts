import type { Message } from '@kt/core'
import {
  array,
  bigInt,
  constant,
  constantFrom,
  dictionary,
  double,
  jsonValue,
  letrec,
  nat,
  oneof,
  record,
  string,
  uint8Array,
} from 'fast-check'
import type { Arbitrary } from 'fast-check'

/** Names that every object inherits, and names that messages use. */
const name = constantFrom(
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'id',
  'payload',
  'topic',
  'references',
  'country',
)

const { value: tree } = letrec<{ value: unknown }>((tie) => ({
  value: oneof(
    { maxDepth: 4 },
    jsonValue(),
    double(),
    bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
    constantFrom('cities', 'delay_5m', '__consumer_offsets', 1, '1', -1, 1.5, 1e300),
    array(tie('value'), { maxLength: 3 }),
    dictionary(name, tie('value'), { maxKeys: 4 }),
  ),
}))

/** A payload that is valid except for its `references`. It uses few ids, so that messages meet in one record. */
const almostRight = record({ id: constantFrom(1, '1', 2), references: tree })

const delayed = record({ payload: oneof(almostRight, tree), topic: oneof(tree, constant('cities')) })

const deep = 100_000

/** Malicious message values. */
const hostileText: Arbitrary<string> = oneof(
  { arbitrary: oneof(almostRight, delayed, tree).map((each) => JSON.stringify(each)), weight: 30 },
  { arbitrary: string(), weight: 5 },
  constantFrom(
    '['.repeat(deep),
    `{"id":1,"x":${'['.repeat(deep)}${']'.repeat(deep)}}`,
    `{"payload":{"id":1,"x":${'['.repeat(deep)}${']'.repeat(deep)}},"topic":"cities"}`,
    JSON.stringify({ id: 'x'.repeat(1_000_000) }),
    `1234567890123456"${'\\"'.repeat(deep)}`,
    '{"id":1,"id":2}',
    '{"id":1e400}',
  ),
)

const headerName = constantFrom(
  '__proto__',
  'constructor',
  'kt-change-id',
  'kt-delayed',
  'kt-cascade',
  'kt-first-seen',
)

/** Malicious batches of the topic `topic`, partition 0. */
export function hostileMessages(topic: string): Arbitrary<Message[]> {
  const value = oneof(
    { arbitrary: hostileText.map((text) => new TextEncoder().encode(text)), weight: 10 },
    uint8Array(),
    constant(null),
  )
  const message = record({
    topic: constant(topic),
    partition: constant(0),
    offset: nat().map(BigInt),
    key: oneof(string(), constant(null)),
    value,
    headers: dictionary(headerName, oneof(string(), constantFrom('a,b', '*', 'x'.repeat(100_000)))),
    timestampMs: oneof(nat(), constantFrom(-1, 2 ** 63)),
  })
  return array(message, { maxLength: 6 })
}
