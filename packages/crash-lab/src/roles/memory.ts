import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Memory } from '../harness/protocol.ts'

/** Returns the memory of this process after a garbage collection. */
export function measureMemory(): Memory {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const { rss, heapUsed: heap } = process.memoryUsage()
  return { rss, heap }
}
