import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ReindexSettings } from './lab.ts'
import type { ReindexReport, ReindexRole } from './protocol.ts'

export interface ChildOptions {
  readonly settings: ReindexSettings
  readonly version: number
  readonly seed: number
  readonly onReport?: (report: ReindexReport) => void
}

const main = fileURLToPath(new URL('process.ts', import.meta.url))
const keptLog = 4_000

/** A process of a re-index under fire. */
export class Child {
  readonly role: ReindexRole
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>
  #log = ''

  constructor(role: ReindexRole, { settings, version, seed, onReport }: ChildOptions) {
    this.role = role
    this.#child = fork(main, [role, JSON.stringify(settings), String(version), String(seed)], {
      execArgv: ['--conditions=@kt/source', '--import', 'tsx'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#log = (this.#log + chunk.toString()).slice(-keptLog)
    })
    if (onReport !== undefined) this.#child.on('message', (report) => onReport(report as ReindexReport))
    // Not `exit`, which may come before the last message.
    this.#exited = once(this.#child, 'close')
  }

  /** The end of its output. */
  get log(): string {
    return this.#log
  }

  /** Resolves when it reports this, or when it is gone. */
  async reports(isIt: (report: ReindexReport) => boolean): Promise<void> {
    const heard = new Promise<void>((resolve) => {
      this.#child.on('message', (report) => isIt(report as ReindexReport) && resolve())
    })
    await Promise.race([heard, this.#exited])
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode === null) this.#child.kill('SIGKILL')
    await this.#exited
  }
}
