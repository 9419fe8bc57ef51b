import { expect, test } from 'vitest'
import { KtError } from './kt-error.ts'

test('is recognised by its marker and its code', () => {
  const cause = new Error('underneath')
  const error = new KtError('KT_CLOSED', 'closed', { retryable: false, cause })
  expect(error).toBeInstanceOf(Error)
  expect(error).toMatchObject({
    name: 'KtError',
    code: 'KT_CLOSED',
    message: 'closed',
    retryable: false,
    cause,
  })
  expect(KtError.isInstance(error)).toBe(true)
  expect(KtError.isInstance(error, 'KT_CLOSED')).toBe(true)
  expect(KtError.isInstance(error, 'KT_ABORTED')).toBe(false)
})

test('is recognised across copies of the package', () => {
  const foreign = Object.assign(new Error('closed'), {
    code: 'KT_CLOSED',
    [Symbol.for('@kt/core/KtError')]: true,
  })
  expect(KtError.isInstance(foreign, 'KT_CLOSED')).toBe(true)
})

test.each([new Error('x'), { code: 'KT_CLOSED' }, null, undefined, 'KT_CLOSED', 1])(
  '%s is no KtError',
  (value) => {
    expect(KtError.isInstance(value)).toBe(false)
  },
)
