import { assert, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { KtError } from '../errors/kt-error.ts'
import { decodeChangeToken, encodeChangeToken } from './change-token.ts'
import type { ChangeToken } from './change-token.ts'

const token: ChangeToken = {
  changeIds: ['6f9619ff-8b86-4d01-b42d-00cf4fc964ff.0'],
  written: new Map([
    ['products', new Map([[3, { from: 12_345_678_901n, end: 12_345_678_902n }]])],
    ['brands', new Map()],
  ]),
  delayed: ['shops'],
}

test('a token survives cookies, headers and addresses', () => {
  const text = encodeChangeToken(token)
  expect(text).toMatch(/^[\w-]{1,200}$/)
  expect(decodeChangeToken(text)).toEqual(token)
})

test('refuses everything else', () => {
  const encode = (json: unknown): string => Buffer.from(JSON.stringify(json)).toString('base64url')
  const others = ['', 'x', encode(null), encode({}), encode([1]), encode([[], [['a', [[0, 0, -1]]]], []])]
  for (const other of [...others, encodeChangeToken(token).slice(0, -9)])
    expect(() => decodeChangeToken(other)).toThrow(expect.objectContaining({ code: 'KT_TOKEN_INVALID' }))
  assert(
    property(string(), (text) => {
      try {
        decodeChangeToken(text)
      } catch (error) {
        if (!KtError.isInstance(error, 'KT_TOKEN_INVALID')) throw error
      }
    }),
  )
})
