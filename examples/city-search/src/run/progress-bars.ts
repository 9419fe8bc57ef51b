import cliProgress from 'cli-progress'

export interface ProgressBar {
  /** @param text the text next to the bar */
  update(value: number, total: number, text: string): void
}

/** Progress bars in a terminal, or an occasional line without one. */
export class ProgressBars {
  readonly #bars = new cliProgress.MultiBar(
    {
      format: '  {name} {bar} {text}',
      hideCursor: true,
      // Otherwise the library installs its own SIGINT handler, which would end the process.
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
    // Draws once more, with the last logged lines.
    if (this.#bars.isActive) this.#bars.update()
    this.#bars.stop()
  }
}
