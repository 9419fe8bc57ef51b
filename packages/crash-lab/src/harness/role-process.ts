import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { FaultPoint } from './fault-points.ts'
import type { Command, Memory, Report } from './protocol.ts'

const main = new URL('../roles/main.ts', import.meta.url)

/** How much of what a process has said is kept. */
const keptLog = 4_000

/** The process ended before it answered: what it was asked to do may or may not be done. */
export class CutOff extends Error {
  override readonly name = 'CutOff'
}

/** A real process, of no role yet, that loads what all roles need. It can be stopped, frozen and killed. */
export class RoleProcess {
  readonly exited: Promise<void>
  readonly loaded: Promise<void>
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, (error: Error | undefined) => void>()
  readonly #reached = new Map<FaultPoint, (error: Error | undefined) => void>()
  #onMemory: ((memory: Memory) => void) | undefined
  #lastId = 0
  #log = ''
  #hasEnded = false

  /** @param imports modules that the process loads before all others */
  constructor(imports: readonly string[] = [], env: NodeJS.ProcessEnv = process.env) {
    // From here `tsx` is found whatever the working directory of the lab is.
    const cwd = fileURLToPath(new URL('.', import.meta.url))
    const execArgv = [
      '--conditions=@kt/source',
      '--import',
      'tsx',
      ...imports.flatMap((each) => ['--import', each]),
    ]
    const stdio = ['ignore', 'ignore', 'pipe', 'ipc'] as const
    this.#child = fork(fileURLToPath(main), [], { cwd, env, execArgv, stdio: [...stdio] })
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#log = (this.#log + chunk.toString()).slice(-keptLog)
    })
    this.exited = new Promise((resolve) => {
      const end = (): void => {
        this.#end()
        resolve()
      }
      this.#child.once('exit', end)
      // It could not even be started.
      this.#child.on('error', (error) => {
        this.#log += String(error)
        if (this.#child.pid === undefined) end()
      })
    })
    this.loaded = new Promise((resolve, reject) => {
      this.#child.on('message', (report) => this.#hear(report as Report, resolve))
      void this.exited.then(() => reject(this.#cutOff()))
    })
    this.loaded.catch(() => undefined)
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** The end of what it has said. */
  get log(): string {
    return this.#log
  }

  /**
   * Resolves when the process has done it.
   *
   * @throws CutOff when it ended before; Error with what it threw.
   */
  ask(command: Command): Promise<void> {
    if (this.#hasEnded) return Promise.reject(this.#cutOff())
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, (error) => (error === undefined ? resolve() : reject(error)))
      // When sending fails the process is gone, which its exit tells.
      this.#child.send({ id, command }, () => undefined)
    })
  }

  /**
   * Has the process stand still at `point`. Resolves once it is armed; then `reached` resolves when it stands there.
   */
  async arm(point: FaultPoint, hits = 1): Promise<{ readonly reached: Promise<void> }> {
    const reached = new Promise<void>((resolve, reject) => {
      this.#reached.set(point, (error) => (error === undefined ? resolve() : reject(error)))
    })
    reached.catch(() => undefined)
    await this.ask({ type: 'arm', point, hits })
    return { reached }
  }

  /** What it takes now. */
  async memory(): Promise<Memory> {
    const told = new Promise<Memory>((resolve) => {
      this.#onMemory = resolve
    })
    await this.ask({ type: 'memory' })
    return told
  }

  /** SIGKILL: resolves when it is gone. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.exited
  }

  /** SIGSTOP: its connections stay open, and it does nothing. */
  freeze(): void {
    this.#child.kill('SIGSTOP')
  }

  /** SIGCONT: it goes on, and finds what it was told meanwhile. */
  thaw(): void {
    this.#child.kill('SIGCONT')
  }

  #hear(report: Report, loaded: () => void): void {
    switch (report.type) {
      case 'loaded':
        return loaded()
      case 'reached':
        this.#reached.get(report.point)?.(undefined)
        this.#reached.delete(report.point)
        return
      case 'memory':
        return this.#onMemory?.(report.memory)
      case 'done':
        this.#waiting.get(report.id)?.(report.error === undefined ? undefined : new Error(report.error))
        this.#waiting.delete(report.id)
        return
      default:
        return report satisfies never
    }
  }

  #end(): void {
    this.#hasEnded = true
    for (const settle of [...this.#waiting.values(), ...this.#reached.values()]) settle(this.#cutOff())
    this.#waiting.clear()
    this.#reached.clear()
  }

  #cutOff(): CutOff {
    return new CutOff(`The process has ended. ${this.#log}`)
  }
}
