import { expect, test, vi } from 'vitest'

test('a second copy of this package leaves alone what the first has mended', async () => {
  const original = vi.fn<() => void>()
  const queues = { pending: [], throttledUntil: 0, scheduleCheckPendingRequests: original }
  const mendByNewCopy = async (): Promise<void> => {
    vi.resetModules()
    const { quietRequestQueues } = await import('./quiet-request-queues.ts')
    quietRequestQueues(() => ({ prototype: queues }))
  }
  await mendByNewCopy()
  const mended = queues.scheduleCheckPendingRequests
  expect(mended).not.toBe(original)
  await mendByNewCopy()
  expect(queues.scheduleCheckPendingRequests).toBe(mended)
})
