import { inspect } from 'node:util'
import { RolePool } from '../harness/role-pool.ts'
import { whenAborted } from '../harness/when-aborted.ts'
import { World } from '../harness/world.ts'
import { derivedSeed } from '../writes/random.ts'
import { Failure } from './cell.ts'
import type { Cell, CellResult, Failed } from './cell.ts'
import { baseOf, jobsOf } from './jobs.ts'
import type { Job } from './jobs.ts'

export interface RunOptions {
  /** Number of parallel worlds. While one waits for its delay, others work. */
  readonly lanes: number
  readonly delayMs: number
  readonly signal: AbortSignal
  readonly onResult: (result: CellResult) => void
}

/** Runs all cells, and continues after a failure. Resolves with the results in the order of the cells. */
export async function runCells(cells: readonly Cell[], options: RunOptions): Promise<CellResult[]> {
  await using pool = new RolePool(options.lanes + 1)
  const results = new Map<Cell, CellResult>()
  const jobs = jobsOf(cells, options.lanes)
  const lane = async (): Promise<void> => {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
      for await (const result of runJob(job, pool, options)) {
        results.set(result.cell, result)
        options.onResult(result)
      }
    }
  }
  // The processes are ended under the cells that are interrupted; their results are not waited for.
  await Promise.race([Promise.all(Array.from({ length: options.lanes }, lane)), whenAborted(options.signal)])
  return cells.flatMap((cell) => results.get(cell) ?? [])
}

/** After a failure, runs the next cell in a new world, so that it does not fail for the same reason. */
async function* runJob(job: Job, pool: RolePool, options: RunOptions): AsyncGenerator<CellResult> {
  let world: World | undefined
  try {
    for (const cell of job.cells) {
      if (options.signal.aborted) return
      try {
        world ??= await openSeeded(job, pool, options.delayMs)
        yield { cell, passed: await cell.run(world, baseOf(job, cell)) }
      } catch (error) {
        yield { cell, failed: failure(error, world) }
        await world?.close()
        world = undefined
      }
    }
  } finally {
    await world?.close()
  }
}

async function openSeeded(job: Job, pool: RolePool, delayMs: number): Promise<World> {
  const world = await World.open({ pool, delayMs })
  try {
    const blocks = new Map(job.cells.map((cell) => [baseOf(job, cell), cell.fixture]))
    for (const [base, path] of blocks) await world.writeSurely({ path, base, seed: derivedSeed(0, base) })
    await world.converge()
    return world
  } catch (error) {
    await world.close()
    throw error
  }
}

function failure(error: unknown, world: World | undefined): Failed {
  const reason = error instanceof Error ? error.message : String(error)
  // The stack is only useful if the lab did not expect the error.
  const origin = error instanceof Failure ? [] : [inspect(error)]
  return { reason, details: [...origin, world?.logs ?? ''].join('\n') }
}
