import { expect, test } from 'vitest'
import { sleep } from './sleep.ts'
import { within } from './within.ts'

/** Blocks the process, which looks like being starved of CPU or stopped. */
function block(ms: number): void {
  const endsAtMs = performance.now() + ms
  while (performance.now() < endsAtMs);
}

const tooLate = (): Error => new Error('too late')

const never = new Promise<never>(() => undefined)

test('an answer that arrives while the process cannot run is not late', async () => {
  const answer = sleep(160).then(() => 'answer')
  const awaited = within(150, answer, tooLate)
  block(500)
  await expect(awaited).resolves.toBe('answer')
})

test('a process that rarely gets the CPU does not time out', async () => {
  let turns = 0
  const answer = new Promise<string>((resolve) => {
    const turn = (): void => {
      turns += 1
      if (turns === 4) return resolve('answer')
      block(300)
      setTimeout(turn, 1)
    }
    setTimeout(turn, 1)
  })
  await expect(within(500, answer, tooLate)).resolves.toBe('answer')
})

test('rejects after the time-out', async () => {
  await expect(within(20, never, tooLate)).rejects.toThrow('too late')
})
