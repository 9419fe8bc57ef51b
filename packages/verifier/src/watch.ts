import { errorFields } from '@kt/core'
import { backoff, sleep } from '@kt/core/internal'
import type { Logger, Meter } from '@kt/core'
import { checkFrame } from './frame.ts'
import type { FrameOptions, FrameProblem } from './frame.ts'
import type { VerifyReport } from './report.ts'
import type { VerifyOptions } from './options.ts'

export interface WatchOptions extends Omit<VerifyOptions, 'from'> {
  /** What has to be right around the documents. @defaultValue not checked */
  readonly frame?: FrameOptions
  /**
   * How often the frame is checked, in milliseconds.
   *
   * @defaultValue 15_000
   */
  readonly frameEveryMs?: number
  /**
   * The pause between two verifications, in milliseconds.
   *
   * @defaultValue 60_000
   */
  readonly pauseMs?: number
  /** Called after each verification. */
  readonly onReport?: (report: VerifyReport) => void
  /** Called when problems of the frame appear or disappear, with all that there are now. */
  readonly onProblems?: (problems: readonly FrameProblem[]) => void
  /** Ends it. */
  readonly signal: AbortSignal
}

interface Watcher {
  readonly verify: (options: VerifyOptions) => Promise<VerifyReport>
  readonly index: string
  readonly logger: Logger
  readonly meter: Meter
}

/** Verifies an index again and again, and checks its frame meanwhile, until the signal fires. What fails is tried again. */
export async function watch(watcher: Watcher, options: WatchOptions): Promise<void> {
  const ending = new AbortController()
  const both = { ...options, signal: AbortSignal.any([options.signal, ending.signal]) }
  const loops = [verifyAgain(watcher, both), new FrameWatch(watcher, both).run()]
  try {
    await Promise.all(loops)
  } finally {
    // A callback that throws ends both.
    ending.abort()
    await Promise.allSettled(loops)
  }
}

async function verifyAgain(
  { verify, index, logger }: Watcher,
  { pauseMs = 60_000, onReport, ...options }: WatchOptions,
): Promise<void> {
  const { signal } = options
  const wait = backoff({ initialMs: 1_000, maxMs: 60_000 })
  for (let failures = 0; !signal.aborted;) {
    let report: VerifyReport
    try {
      report = await verify(options)
      failures = 0
    } catch (error) {
      if (signal.aborted) return
      logger.error('The index could not be verified: it is tried again', { index, ...errorFields(error) })
      await sleep(wait(++failures), signal)
      continue
    }
    onReport?.(report)
    await sleep(pauseMs, signal)
  }
}

/** Checks the frame again and again, and reports what changes. */
class FrameWatch {
  readonly #watcher: Watcher
  readonly #options: WatchOptions
  #known: ReadonlyMap<string, FrameProblem> = new Map()

  constructor(watcher: Watcher, options: WatchOptions) {
    this.#watcher = watcher
    this.#options = options
  }

  async run(): Promise<void> {
    const { frame, frameEveryMs = 15_000, signal } = this.#options
    if (frame === undefined) return
    for (; !signal.aborted; await sleep(frameEveryMs, signal)) this.#note(await checkFrame(frame))
  }

  #note(problems: readonly FrameProblem[]): void {
    const { index, logger, meter } = this.#watcher
    const found = new Map(problems.map((each) => [`${each.code} ${each.subject}`, each]))
    const appeared = [...found].filter(([key]) => !this.#known.has(key))
    const solved = [...this.#known].filter(([key]) => !found.has(key))
    this.#known = found
    meter.record('kt_verifier_frame_problems', found.size, { index })
    for (const [, { code, subject, message }] of appeared)
      logger.error(message, { index, subject, problem: code })
    for (const [, { code, subject }] of solved)
      logger.info('A problem is solved', { index, subject, problem: code })
    if (appeared.length > 0 || solved.length > 0) this.#options.onProblems?.([...found.values()])
  }
}
