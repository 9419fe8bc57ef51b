import { expect, test } from 'vitest'
import { inParts, readAhead } from './read-ahead.ts'

const drop = (): void => undefined

/** Records what begins and ends, and lets the test end each piece of work. */
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

test('reads only the next part while one is processed', async () => {
  const { log, read } = stage()
  const work = async (part: string, found: string): Promise<void> => {
    log.push(`work on ${part} with ${found}`)
    await Promise.resolve()
    log.push(`done with ${part}`)
  }
  await readAhead(['a', 'b', 'c'], { read, work, drop })
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

test('drops a part that was read during a retry at once, and reads it again', async () => {
  const { log, read } = stage()
  const work = async (part: string, _: string, expire: () => void): Promise<void> => {
    log.push(`work on ${part}`)
    if (part !== 'a') return
    expire()
    await new Promise(setImmediate)
    log.push('retried')
  }
  await readAhead(['a', 'b'], { read, work, drop: (found) => log.push(`drop ${found}`) })
  expect(log).toEqual(['read a', 'read b', 'work on a', 'drop b!', 'retried', 'read b', 'work on b'])
})

test('asks for the size of the next part when it is read', async () => {
  const { log, read } = stage()
  let size = 1
  const work = (): Promise<void> => {
    size = 2
    return Promise.resolve()
  }
  const parts = inParts(['a', 'b', 'c', 'd', 'e'], () => size)
  await readAhead(parts, { read: (part) => read(part.join('')), work, drop })
  expect(log).toEqual(['read a', 'read b', 'read cd', 'read e'])
})

test('fails after the part before one that cannot be read', async () => {
  const { log, read } = stage('b')
  const work = (part: string): Promise<void> => {
    log.push(`work on ${part}`)
    return Promise.resolve()
  }
  await expect(readAhead(['a', 'b', 'c'], { read, work, drop })).rejects.toThrow('no b')
  expect(log).toEqual(['read a', 'read b', 'work on a'])
})

test('waits for the read ahead and drops it when the work fails', async () => {
  let end: (() => void) | undefined
  const dropped: string[] = []
  const read = async (part: string): Promise<string> => {
    if (part === 'b') await new Promise<void>((resolve) => (end = resolve))
    return part
  }
  const work = (): Promise<void> => {
    setImmediate(() => end?.())
    return Promise.reject(new Error('no work'))
  }
  const all = readAhead(['a', 'b'], { read, work, drop: (found) => dropped.push(found) })
  await expect(all).rejects.toThrow('no work')
  expect(dropped).toEqual(['b'])
})

test('splits items into parts of this size, with the rest in the last', () => {
  const two = (): number => 2
  expect([...inParts([1, 2, 3, 4, 5], two)]).toEqual([[1, 2], [3, 4], [5]])
  expect([...inParts([1, 2], two)]).toEqual([[1, 2]])
  expect([...inParts([], two)]).toEqual([])
})
