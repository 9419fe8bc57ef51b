import { expect, test } from 'vitest'
import { codecAdvice } from './missing-codec.ts'

test('names a codec that is not registered, with advice', () => {
  const cause = new Error('ZSTD compression not implemented')
  expect(codecAdvice(new Error('The consumer failed', { cause }))).toContain('CompressionTypes.ZSTD')
  expect(codecAdvice(new Error('another'))).toBeUndefined()
})
