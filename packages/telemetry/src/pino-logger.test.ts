import { errorFields, KtError } from '@kt/core'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { pinoLogger } from './pino-logger.ts'
import type { PinoTarget } from './pino-logger.ts'

type Line = Record<string, unknown>

function recorded(log: (target: pino.Logger) => void): Line[] {
  const lines: string[] = []
  const destination = { write: (line: string) => void lines.push(line) }
  log(pino({ name: 'shop', level: 'debug' }, destination))
  // Duplicate keys would be valid JSON.
  for (const line of lines)
    expect(line.match(/"(name|level|time|pid|hostname|msg|err)":/g)).toHaveLength(
      new Set(line.match(/"(name|level|time|pid|hostname|msg|err)":/g)).size,
    )
  return lines.map((line) => JSON.parse(line) as Line)
}

test('writes messages and fields at their levels', () => {
  const lines = recorded((target) => {
    const logger = pinoLogger(target)
    logger.debug('one')
    logger.info('two', { topic: 'cities', group: 'cities_indexer' })
    logger.warn('three: 100 %s')
    logger.error('four')
  })
  expect(lines).toMatchObject([
    { level: 20, msg: 'one', name: 'shop' },
    { level: 30, msg: 'two', topic: 'cities', group: 'cities_indexer' },
    { level: 40, msg: 'three: 100 %s' },
    { level: 50, msg: 'four' },
  ])
})

test("keeps pino's own fields", () => {
  const own = { level: 'a', time: 'b', pid: 'c', hostname: 'd', name: 'cities_indexer', msg: 'e' }
  const [line] = recorded((target) => pinoLogger(target).info('text', { ...own, message: 'f' }))
  expect(line).toMatchObject({
    level: 30,
    time: expect.any(Number) as number,
    pid: process.pid,
    hostname: expect.not.stringMatching(/^d$/) as string,
    name: 'shop',
    msg: 'text',
    kt_level: 'a',
    kt_name: 'cities_indexer',
    kt_message: 'f',
  })
})

test('writes the fields of an error as err, with its causes', () => {
  const cause = Object.assign(new Error('secret'), { code: 'ECONNREFUSED', type: 'LEADER_NOT_AVAILABLE' })
  const error = new KtError('KT_PRODUCE_TIMEOUT', 'Kafka did not answer', { cause, retryable: true })
  const [line] = recorded((target) =>
    pinoLogger(target).error('Sending failed', { topic: 'cities', attempt: 2, ...errorFields(error) }),
  )
  expect(line).toMatchObject({
    msg: 'Sending failed',
    topic: 'cities',
    attempt: 2,
    err: {
      type: 'KtError',
      code: 'KT_PRODUCE_TIMEOUT',
      message: 'Kafka did not answer: ECONNREFUSED',
      stack: expect.stringMatching(
        /^KtError \[KT_PRODUCE_TIMEOUT\]: Kafka did not answer\ncaused by: Error \[ECONNREFUSED\]\n {4}at .*pino-logger\.test/,
      ) as string,
    },
  })
  expect(line).not.toHaveProperty('error')
  expect(JSON.stringify(line)).not.toContain('secret')
})

test('writes the fields of a foreign error', () => {
  const error = Object.assign(new TypeError('secret'), { type: 'LEADER_NOT_AVAILABLE', broker: 'kafka:9092' })
  const [line] = recorded((target) => pinoLogger(target).error('text', errorFields(error)))
  expect(line).toMatchObject({
    err: {
      type: 'TypeError',
      message: 'LEADER_NOT_AVAILABLE',
      kafkaType: 'LEADER_NOT_AVAILABLE',
      broker: 'kafka:9092',
    },
  })
  const [other] = recorded((target) => pinoLogger(target).error('text', errorFields(undefined)))
  expect(other).toMatchObject({ err: { type: 'undefined', message: 'undefined' } })
})

test('writes an error object as err', () => {
  const [one, two] = recorded((target) => {
    pinoLogger(target).error('text', { error: new RangeError('too far') })
    pinoLogger(target).error('text', { err: new RangeError('too far'), error: 5 })
  })
  expect(one).toMatchObject({ err: { type: 'RangeError', message: 'too far' } })
  expect(two).toMatchObject({ err: { type: 'RangeError', message: 'too far' }, error: 5 })
})

test('keeps a status and a type that belong to no error', () => {
  const [line] = recorded((target) => pinoLogger(target).warn('text', { status: 429, type: 'overload' }))
  expect(line).toMatchObject({ status: 429, type: 'overload' })
  expect(line).not.toHaveProperty('err')
})

test('writes to a child logger and to any logger with the methods', () => {
  const [line] = recorded((target) => pinoLogger(target.child({ service: 'search' })).info('text'))
  expect(line).toMatchObject({ service: 'search', msg: 'text' })
  const calls: unknown[][] = []
  const log = (...call: unknown[]): void => void calls.push(call)
  const target: PinoTarget = { debug: log, info: log, warn: log, error: log }
  pinoLogger(target).warn('text', { topic: 'cities' })
  expect(calls).toEqual([[{ topic: 'cities' }, 'text']])
})
