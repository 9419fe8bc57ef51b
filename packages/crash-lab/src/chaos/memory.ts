import type { Memory } from '../harness/protocol.ts'
import { roleNames } from '../harness/settings.ts'
import type { RoleName } from '../harness/settings.ts'
import type { World } from '../harness/world.ts'

/** Memory of each process. */
export type Memories = Readonly<Record<RoleName, Memory>>

/** Heap growth after a garbage collection. More than this indicates a leak. */
const mostHeapGrowth = 24 * 2 ** 20

export async function measureMemories(world: World): Promise<Memories> {
  const measured = roleNames.map(async (name) => [name, await world.role(name).memory()] as const)
  return Object.fromEntries(await Promise.all(measured)) as Memories
}

/** Returns the largest growth of any process, in bytes. */
export function growth(before: Memories, after: Memories): Memory {
  const most = (of: keyof Memory): number =>
    Math.max(...roleNames.map((name) => after[name][of] - before[name][of]))
  return { rss: most('rss'), heap: most('heap') }
}

export function isHoarding({ heap }: Memory): boolean {
  return heap > mostHeapGrowth
}
