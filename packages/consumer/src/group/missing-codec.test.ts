import { expect, test } from 'vitest'
import { codecAdvice } from './missing-codec.ts'

test('a codec that nobody has registered is named, with what to do', () => {
  const cause = new Error('ZSTD compression not implemented')
  expect(codecAdvice(new Error('The consumer failed', { cause }))).toContain('CompressionTypes.ZSTD')
  expect(codecAdvice(new Error('another'))).toBeUndefined()
})
