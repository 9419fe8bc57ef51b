import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { FaultPoint } from './fault-points.ts'
import type { Command, Memory, Report } from './protocol.ts'

const main = new URL('../roles/main.ts', import.meta.url)

/** How much of a process's output is kept. */
const keptLog = 4_000

/** The process ended before it answered, so it is unknown whether it carried out the request. */
export class CutOff extends Error {
  override readonly name = 'CutOff'
}

/** A real process that loads the code of all roles and has no role yet. It can be stopped, frozen and killed. */
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
    // Resolving from here finds `tsx` in any working directory.
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
      // The process could not be started.
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

  /** The end of its output. */
  get log(): string {
    return this.#log
  }

  /**
   * Resolves when the process has carried out the request.
   *
   * @throws CutOff if the process ended before that; Error with the process's own error
   */
  ask(command: Command): Promise<void> {
    if (this.#hasEnded) return Promise.reject(this.#cutOff())
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, (error) => (error === undefined ? resolve() : reject(error)))
      // If sending fails, the process is gone, and its exit event reports that.
      this.#child.send({ id, command }, () => undefined)
    })
  }

  /**
   * Arms `point`. Resolves once it is armed. `reached` then resolves when the process is paused there.
   */
  async arm(point: FaultPoint, hits = 1): Promise<{ readonly reached: Promise<void> }> {
    const reached = new Promise<void>((resolve, reject) => {
      this.#reached.set(point, (error) => (error === undefined ? resolve() : reject(error)))
    })
    reached.catch(() => undefined)
    await this.ask({ type: 'arm', point, hits })
    return { reached }
  }

  /** Returns its current memory. */
  async memory(): Promise<Memory> {
    const told = new Promise<Memory>((resolve) => {
      this.#onMemory = resolve
    })
    await this.ask({ type: 'memory' })
    return told
  }

  /** Sends SIGKILL. Resolves when the process is gone. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.exited
  }

  /** Sends SIGSTOP. Connections stay open, and the process does nothing. */
  freeze(): void {
    this.#child.kill('SIGSTOP')
  }

  /** Sends SIGCONT. The process goes on and receives the requests sent meanwhile. */
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
