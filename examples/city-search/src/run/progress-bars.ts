import cliProgress from 'cli-progress'

export interface ProgressBar {
  /** @param text what stands beside the bar */
  update(value: number, total: number, text: string): void
}

/** Progress bars in a terminal; a line now and then where there is none. */
export class ProgressBars {
  readonly #bars = new cliProgress.MultiBar(
    {
      format: '  {name} {bar} {text}',
      hideCursor: true,
      // Without it the library sets up a SIGINT handler of its own, which would end the process.
      gracefulExit: false,
      noTTYOutput: true,
      notTTYSchedule: 5_000,
      autopadding: true,
      barsize: 30,
    },
    cliProgress.Presets.shades_classic,
  )

  add(name: string): ProgressBar {
    const bar = this.#bars.create(1, 0, { name: name.padEnd(14), text: '' })
    return {
      update: (value, total, text) => {
        bar.setTotal(Math.max(1, total))
        bar.update(Math.min(value, Math.max(1, total)), { text })
      },
    }
  }

  /** Writes a line above the bars. */
  log(line: string): void {
    if (process.stderr.isTTY && this.#bars.isActive) this.#bars.log(`${line}\n`)
    else console.error(line)
  }

  stop(): void {
    // Draws once more, with the last lines that were logged.
    if (this.#bars.isActive) this.#bars.update()
    this.#bars.stop()
  }
}
