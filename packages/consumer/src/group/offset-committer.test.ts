import { silentLogger } from '@kt/core'
import { describe, expect, it, vi } from 'vitest'
import { OffsetCommitter } from './offset-committer.ts'

function committer(send: (offsets: ReadonlyMap<number, bigint>) => Promise<void>): OffsetCommitter {
  return new OffsetCommitter({ send, backoff: () => 1, logger: silentLogger })
}

function latch(): { open: () => void; opened: Promise<void> } {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

describe('OffsetCommitter', () => {
  it('sends offsets that arrive during a request in one request afterwards, the latest of each partition', async () => {
    const sent: [number, bigint][][] = []
    const first = latch()
    const offsets = committer(async (batch) => {
      sent.push([...batch])
      if (sent.length === 1) await first.opened
    })
    offsets.commit(0, 1n)
    offsets.commit(0, 2n)
    offsets.commit(1, 7n)
    offsets.commit(0, 3n)
    first.open()
    await offsets.close(1_000)
    expect(sent).toEqual([
      [[0, 1n]],
      [
        [0, 3n],
        [1, 7n],
      ],
    ])
  })

  it('sends a single offset at once, and those that follow soon in one request', async () => {
    const sent: bigint[] = []
    const offsets = committer(async (batch) => void sent.push(...batch.values()))
    offsets.commit(0, 1n)
    await new Promise(setImmediate)
    expect(sent).toEqual([1n])
    for (const offset of [2n, 3n, 4n]) {
      offsets.commit(0, offset)
      await new Promise(setImmediate)
    }
    await vi.waitFor(() => expect(sent).toEqual([1n, 4n]))
  })

  it('retries a failed commit', async () => {
    let tries = 0
    const offsets = committer(async () => {
      tries += 1
      if (tries < 3) throw new Error('coordinator is loading')
    })
    offsets.commit(0, 1n)
    await offsets.close(1_000)
    expect(tries).toBe(3)
  })

  it('sends a commit that arrives just as the last request ends', async () => {
    for (let ticks = 0; ticks < 10; ticks += 1) {
      const sent: bigint[] = []
      const offsets = committer(async (batch) => {
        sent.push(...batch.values())
      })
      offsets.commit(0, 1n)
      for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve()
      offsets.commit(0, 2n)
      await offsets.close(1_000)
      expect(sent.at(-1)).toBe(2n)
    }
  })

  it('sends no commit for a partition that went to another member', async () => {
    const sent: number[] = []
    const first = latch()
    const offsets = committer(async (batch) => {
      sent.push(...batch.keys())
      if (sent.length === 1) await first.opened
    })
    offsets.commit(0, 1n)
    offsets.commit(1, 1n)
    offsets.forget(1)
    first.open()
    await offsets.close(1_000)
    expect(sent).toEqual([0])
  })

  it('closes in time although Kafka does not respond', async () => {
    const offsets = committer(() => new Promise(() => undefined))
    offsets.commit(0, 1n)
    await expect(offsets.close(10)).resolves.toBeUndefined()
  })
})
