import { KtError } from '@kt/core'
import type { Indexer } from '@kt/indexer'
import { Verifier } from '@kt/verifier'
import type { VerifyProgress, VerifyReport } from '@kt/verifier'
import type { Generation } from './generation.ts'
import { named } from './generation-indexer.ts'
import type { GivenUp } from './given-up.ts'
import type { ReindexableIndex, ResolvedReindexerOptions } from './options.ts'
import { patiently } from './patience.ts'
import { StepProgress } from './progress.ts'

/** A generation, what its documents are made by, and the Indexer that keeps it up to date. */
export interface Followed<Record> {
  readonly options: ResolvedReindexerOptions<Record>
  readonly generation: Generation
  readonly definition: ReindexableIndex<Record>
  readonly follower: Indexer<Record>
  /** What the follower has given up. */
  readonly givenUp: GivenUp
  readonly signal: AbortSignal
}

/** So often a comparison is repeated after healing. Differences that return have a cause that healing doesn't mend. */
const mostPasses = 3
/** How long each healing may take. The Indexer has caught up before. */
const healTimeoutMs = 15_000

/** Resolves when the generation has everything that was in the topic. Whatever takes long or fails is tried again. */
export function whenCaughtUp<Record>(
  { options, generation, follower }: Followed<Record>,
  signal: AbortSignal,
): Promise<void> {
  const { whenCascaded, logger } = options
  const warning = 'The index is still behind its topic'
  return patiently(
    async () => {
      await whenCascaded?.({ signal })
      await follower.whenCaughtUp({ signal })
    },
    { index: generation.name, logger, signal, warning },
  )
}

/**
 * Compares every document of a generation with its record. What differs is sent through the topic again, and all is
 * compared again, until nothing differs.
 *
 * @throws KtError `KT_REINDEX_DIFFERENT`, and the errors of a Verifier
 */
export async function compare<Record>(
  followed: Followed<Record>,
  onProgress: (progress: StepProgress) => void,
): Promise<VerifyReport> {
  const { options, generation, definition, signal } = followed
  const { client, producer, topic, recordsPerSecond, verifier, logger, meter } = options
  const verifying = new Verifier({
    ...verifier,
    index: named(definition, generation.name),
    client,
    heal: { producer, topic, timeoutMs: healTimeoutMs },
    whenCaughtUp: (during) => whenCaughtUp(followed, during.signal),
    ...(Number.isFinite(recordsPerSecond) && { recordsPerSecond }),
    logger,
    meter,
  })
  const { givenUp } = followed
  for (let pass = 1; ; pass++) {
    const givenUpBefore = givenUp.count
    const verify = (): Promise<VerifyReport> =>
      verifying.verify({ heal: true, signal, onProgress: inBothDirections(onProgress) })
    const warning = 'The comparison was interrupted and begins anew'
    const report = await patiently(verify, { index: generation.name, logger, signal, warning })
    const counts = countsOf(report)
    // What was healed has been compared again. But so few passes may be the luck of a busy moment.
    const isHealed = report.unbuildable === 0 && report.healed === sum(counts)
    if (sum(counts) === 0 || (isHealed && pass === mostPasses)) {
      if (report.unsettled > 0)
        logger.warn('Some records changed too often to be compared', {
          index: generation.name,
          records: report.unsettled,
        })
      return report
    }
    // Healing would only send the same messages to the dead letters again.
    const isHopeless = report.unbuildable > 0 || (!isHealed && givenUp.count > givenUpBefore)
    if (pass === mostPasses || isHopeless) throw different(generation, counts)
    logger.warn('The index differs from the database: it is healed and compared again', {
      index: generation.name,
      ...counts,
    })
  }
}

/** Turns the progress of two phases into one: documents and records are compared one after the other. */
function inBothDirections(onProgress: (progress: StepProgress) => void): (verified: VerifyProgress) => void {
  const progress = new StepProgress()
  return ({ phase, done, total }) => {
    progress.total ??= 2 * total
    progress.done = phase === 'documents' ? done : Math.max(progress.done, progress.total / 2 + done)
    onProgress(progress)
  }
}

type Counts = { readonly [Kind in 'missing' | 'stale' | 'orphaned' | 'duplicate' | 'unbuildable']: number }

/**
 * Records that change too often to be compared don't count: each of their changes goes through the Indexer that the
 * others were proven with.
 */
function countsOf({ missing, stale, orphaned, duplicate, unbuildable }: VerifyReport): Counts {
  return { missing, stale, orphaned, duplicate, unbuildable }
}

function sum(counts: Counts): number {
  return Object.values(counts).reduce((all, count) => all + count, 0)
}

function different({ name }: Generation, counts: Counts): KtError {
  const text = Object.entries(counts).flatMap(([kind, count]) => (count === 0 ? [] : [`${count} ${kind}`]))
  return new KtError(
    'KT_REINDEX_DIFFERENT',
    `The index "${name}" differs from the database (${text.join(', ')}), so it does not get the alias: ` +
      'see the log and the dead letters for the reason, mend it, and try again',
    { retryable: false },
  )
}
