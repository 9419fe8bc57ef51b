import { expect, it } from 'vitest'
import { copiedValues } from './copy-rows.ts'

it.each([
  ['1', ['1']],
  ['', ['']],
  ['a\tb', ['a', 'b']],
  [String.raw`a\tb\\n\nc`, ['a\tb\\n\nc']],
  ['\\N\t\\\\N\t\\b\\f\\r\\v', [undefined, '\\N', '\b\f\r\v']],
])('%j has the values %j', (line, values) => {
  expect(copiedValues(line)).toEqual(values)
})
