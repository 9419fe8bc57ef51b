import { expect, test } from 'vitest'
import { inParts, readAhead } from './read-ahead.ts'

/** Notes what begins and ends, and lets each work end when it is told to. */
function stage(failing?: string): {
  readonly log: string[]
  readonly read: (part: string) => Promise<string>
} {
  const log: string[] = []
  const read = (part: string): Promise<string> => {
    log.push(`read ${part}`)
    return part === failing ? Promise.reject(new Error(`no ${part}`)) : Promise.resolve(`${part}!`)
  }
  return { log, read }
}

test('the next part is read while this one is worked on, and no other', async () => {
  const { log, read } = stage()
  await readAhead(['a', 'b', 'c'], read, async (part, found) => {
    log.push(`work on ${part} with ${found}`)
    await Promise.resolve()
    log.push(`done with ${part}`)
    return true
  })
  expect(log).toEqual([
    'read a',
    'read b',
    'work on a with a!',
    'done with a',
    'read c',
    'work on b with b!',
    'done with b',
    'work on c with c!',
    'done with c',
  ])
})

test('what was read during a retry is old, and is read again', async () => {
  const { log, read } = stage()
  await readAhead(['a', 'b'], read, (part) => {
    log.push(`work on ${part}`)
    return Promise.resolve(part !== 'a')
  })
  expect(log).toEqual(['read a', 'read b', 'work on a', 'read b', 'work on b'])
})

test('a part that cannot be read fails all, after the part before it', async () => {
  const { log, read } = stage('b')
  const work = (part: string): Promise<boolean> => {
    log.push(`work on ${part}`)
    return Promise.resolve(true)
  }
  await expect(readAhead(['a', 'b', 'c'], read, work)).rejects.toThrow('no b')
  expect(log).toEqual(['read a', 'read b', 'work on a'])
})

test('when the work fails no read is left under way', async () => {
  let end: (() => void) | undefined
  const reading: string[] = []
  const read = async (part: string): Promise<void> => {
    reading.push(part)
    if (part === 'b') await new Promise<void>((resolve) => (end = resolve))
    reading.pop()
  }
  const all = readAhead(['a', 'b'], read, () => {
    setImmediate(() => end?.())
    return Promise.reject(new Error('no work'))
  })
  await expect(all).rejects.toThrow('no work')
  expect(reading).toEqual([])
})

test('parts hold so many items each, the last what is left', () => {
  expect(inParts([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]])
  expect(inParts([1, 2], 2)).toEqual([[1, 2]])
  expect(inParts([], 2)).toEqual([])
})
