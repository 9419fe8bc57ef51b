import { anything, assert, bigInt, constantFrom, jsonValue, property, string } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseJson } from './json.ts'

/** The expected result: that of `JSON.parse`, except for whole numbers that a double can't represent. */
function expected(value: unknown): unknown {
  if (typeof value === 'number') {
    const text = JSON.stringify(value)
    return /^-?\d{16,}$/.test(text) && !Number.isSafeInteger(value) ? text : value
  }
  if (Array.isArray(value)) return value.map(expected)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, expected(each)]))
}

describe('parseJson', () => {
  test('behaves as JSON.parse, except for long whole numbers', () => {
    assert(
      property(jsonValue({ noUnicodeString: false }), constantFrom(undefined, 1), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent)
        expect(parseJson(text)).toEqual(expected(JSON.parse(text)))
      }),
      { numRuns: 500 },
    )
  })

  test('keeps whole numbers of any length exactly', () => {
    assert(
      property(bigInt(), string(), (number, text) => {
        const json = `{"a":${number},"b":[ ${number} ,${number}],"text":${JSON.stringify(text + number)}}`
        const kept = Number.isSafeInteger(Number(number)) ? Number(number) : String(number)
        expect(parseJson(json)).toEqual({ a: kept, b: [kept, kept], text: text + number })
      }),
      { numRuns: 500 },
    )
  })

  test.each([
    '0.30000000000000004',
    '-0.12345678901234567',
    '1.12345678901234567e-10',
    '12345678901234567.5',
    '12345678901234567e2',
    '1e-0000000000000000001',
    '9007199254740991',
  ])('leaves the number %s a number', (text) => {
    expect(parseJson(`{"id":1,"x":${text}}`)).toEqual({ id: 1, x: Number(text) })
  })

  test.each([
    ['9007199254740993', '9007199254740993'],
    ['-9007199254740993', '-9007199254740993'],
    ['18446744073709551615 ', '18446744073709551615'],
  ])('makes %s a string', (text, id) => {
    expect(parseJson(`{"id":${text}}`)).toEqual({ id })
  })

  test.each(['{12345678901234567890:1}', '00012345678901234567890', '[12345678901234567 8]', '{"id":1', ''])(
    'is as strict as JSON.parse: %s',
    (text) => {
      expect(() => parseJson(text)).toThrow(SyntaxError)
    },
  )

  test('accepts nothing that JSON.parse refuses', () => {
    assert(
      property(anything(), bigInt(), (value, number) => {
        const text = `${JSON.stringify(value)}${number}`
        const refused = (parse: (text: string) => unknown): boolean => {
          try {
            parse(text)
            return false
          } catch {
            return true
          }
        }
        expect(refused(parseJson)).toBe(refused(JSON.parse))
      }),
    )
  })

  test('parses long strings', () => {
    const long = '"12345678901234567890'.repeat(100_000)
    expect(parseJson(JSON.stringify({ id: 1, long }))).toEqual({ id: 1, long })
  })
})
