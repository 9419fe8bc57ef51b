import cliProgress from 'cli-progress'
import type { Sync } from '@kt/sync'
import prettyMs from 'pretty-ms'
import { StallReport } from './stall-report.ts'

export interface ProgressBar {
  update(progress: { readonly done?: number; readonly total?: number; readonly text: string }): void
}

/** Bars on stderr: drawn in a terminal, and an occasional line without one. Says what is waited for, too. */
export class Progress implements Disposable {
  readonly #stall: StallReport
  readonly #bars = new cliProgress.MultiBar(
    {
      format: '  {name} {bar} {text}',
      stream: process.stderr,
      hideCursor: true,
      // Otherwise the library installs its own SIGINT handler, which would end the process.
      gracefulExit: false,
      noTTYOutput: true,
      notTTYSchedule: 10_000,
      autopadding: true,
      barsize: 24,
    },
    cliProgress.Presets.shades_classic,
  )

  constructor(sync: Pick<Sync, 'requireServices'>) {
    this.#stall = new StallReport(sync)
  }

  add(name: string): ProgressBar {
    const bar = this.#bars.create(1, 0, { name, text: '' })
    return {
      update: ({ done = 0, total = 1, text }) => {
        this.#stall.moved()
        bar.setTotal(Math.max(1, total))
        bar.update(Math.min(done, Math.max(1, total)), { text })
      },
    }
  }

  [Symbol.dispose](): void {
    this.#stall[Symbol.dispose]()
    // Draws once more, with the last texts. Without a terminal, stopping writes them.
    if (this.#bars.isActive && process.stderr.isTTY) this.#bars.update()
    this.#bars.stop()
  }
}

/** Such as `12,000 of 50,000, 9,500/s, 4 s left`. */
export function rateText(progress: {
  readonly done?: number
  readonly total?: number
  readonly perSecond?: number
  readonly remainingMs?: number
}): string {
  const { done, total, perSecond, remainingMs } = progress
  return [
    ...(done === undefined ? [] : [total === undefined ? count(done) : `${count(done)} of ${count(total)}`]),
    ...(perSecond === undefined || perSecond === 0 ? [] : [`${count(perSecond)}/s`]),
    ...(remainingMs === undefined ? [] : [`${duration(remainingMs)} left`]),
  ].join(', ')
}

export function count(value: number): string {
  return value.toLocaleString('en')
}

/** Such as `1m 40s`. */
export function duration(ms: number): string {
  return prettyMs(ms, { secondsDecimalDigits: 0, unitCount: 2 })
}
