import type { Memory } from '../harness/protocol.ts'
import { roleNames } from '../harness/settings.ts'
import type { RoleName } from '../harness/settings.ts'
import type { World } from '../harness/world.ts'

/** What each process takes. */
export type Memories = Readonly<Record<RoleName, Memory>>

/** More than this on the heap, garbage left out, is no noise any more: something is being hoarded. */
const mostHeapGrowth = 24 * 2 ** 20

export async function measureMemories(world: World): Promise<Memories> {
  const measured = roleNames.map(async (name) => [name, await world.role(name).memory()] as const)
  return Object.fromEntries(await Promise.all(measured)) as Memories
}

/** How much the process has grown that has grown most, in bytes. */
export function growth(before: Memories, after: Memories): Memory {
  const most = (of: keyof Memory): number =>
    Math.max(...roleNames.map((name) => after[name][of] - before[name][of]))
  return { rss: most('rss'), heap: most('heap') }
}

export function isHoarding({ heap }: Memory): boolean {
  return heap > mostHeapGrowth
}
