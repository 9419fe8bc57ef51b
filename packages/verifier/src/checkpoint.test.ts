import { expect, test } from 'vitest'
import { Checkpoint } from './checkpoint.ts'
import type { VerifyPosition } from './checkpoint.ts'

const at = (after: number): VerifyPosition => ({ indexes: ['uuid'], phase: 'documents', shard: 0, after })

test('is where the scan is as long as nothing seems wrong', () => {
  const checkpoint = new Checkpoint(() => [])
  expect(checkpoint.position).toBeUndefined()
  checkpoint.scanned(at(1))
  expect(checkpoint.position).toEqual(at(1))
  checkpoint.scanned(at(2))
  expect(checkpoint.position).toEqual(at(2))
})

test('stays before what seems wrong until that is judged, however far the scan is', () => {
  const open = new Set(['a'])
  const checkpoint = new Checkpoint(() => open)
  checkpoint.scanned(at(1))
  checkpoint.scanned(at(2))
  expect(checkpoint.position).toBeUndefined()
  open.delete('a')
  open.add('b')
  checkpoint.judged()
  expect(checkpoint.position).toEqual(at(1))
  checkpoint.scanned(at(3))
  expect(checkpoint.position).toEqual(at(1))
  open.clear()
  checkpoint.judged()
  expect(checkpoint.position).toEqual(at(3))
})
