import { expect, test } from 'vitest'
import { rejectionOf } from './rejections.ts'

test('uses our error code, or else the name of the error', () => {
  const reason = { error: 'KtError', code: 'KT_DELAY_NOT_ACKNOWLEDGED', cause: { error: 'TimeoutError' } }
  expect(rejectionOf(JSON.stringify(reason))).toBe('KT_DELAY_NOT_ACKNOWLEDGED')
  expect(rejectionOf('{"error":"SequelizeConnectionRefusedError"}')).toBe('SequelizeConnectionRefusedError')
  expect(rejectionOf('The process has ended')).toBe('The process has ended')
})

test('does not count a rejection that the write itself caused', () => {
  expect(rejectionOf('{"error":"SequelizeUniqueConstraintError"}')).toBeUndefined()
  const deadlock = { error: 'SequelizeDatabaseError', cause: { error: 'error', code: '40P01' } }
  expect(rejectionOf(JSON.stringify(deadlock))).toBeUndefined()
})
