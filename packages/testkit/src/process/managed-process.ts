import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { childrenOf } from './children-of.ts'
import type { Watchdog } from './watchdog.ts'

export interface ProcessSpec {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  readonly uid?: number
  readonly gid?: number
  /** Where its output goes: a file, so that it never waits for this process to read. */
  readonly logFile: string
  /** Asks for an orderly end. @defaultValue 'SIGTERM' */
  readonly stopSignal?: NodeJS.Signals
}

const logTailLines = 40

/** A server in a process group of its own, which does not outlive this process. */
export class ManagedProcess {
  /** Resolves when the server has ended, with how it ended. */
  readonly exited: Promise<string>
  readonly #spec: ProcessSpec
  readonly #pid: number | undefined
  readonly #keepAlive: () => void
  #running = true

  constructor(spec: ProcessSpec, watchdog: Watchdog) {
    this.#spec = spec
    const { command, args, logFile, stopSignal: _, ...options } = spec
    const log = openSync(logFile, 'a')
    // Detached: a Ctrl-C in the terminal reaches this process alone, which then decides.
    const child = spawn(command, args, { ...options, stdio: ['ignore', log, log], detached: true })
    closeSync(log)
    child.unref()
    this.#pid = child.pid
    this.#keepAlive = () => child.ref()
    // Without a pid the 'error' event tells why.
    if (child.pid !== undefined) watchdog.started(child.pid)
    this.exited = new Promise((resolve) => {
      const end = (how: string): void => {
        this.#running = false
        watchdog.ended()
        resolve(how)
      }
      child.once('error', (error) => end(error.message))
      child.once('exit', (code, signal) => end(signal ?? `exit code ${code}`))
    })
  }

  get running(): boolean {
    return this.#running
  }

  /** To the server and its children, if it runs. */
  signal(signal: NodeJS.Signals): void {
    if (!this.#running || this.#pid === undefined) return
    // A server that stands still forks no child that the list would miss.
    if (signal === 'SIGSTOP' || signal === 'SIGKILL') sendSignal(this.#pid, 'SIGSTOP')
    for (const target of [...childrenOf(this.#pid), -this.#pid]) sendSignal(target, signal)
  }

  /** Asks the server to end; when it has not done so within the grace, it is killed. */
  async stop(graceMs: number): Promise<void> {
    if (!this.#running || this.#pid === undefined) return
    // What is paused can't hear.
    this.signal('SIGCONT')
    sendSignal(this.#pid, this.#spec.stopSignal ?? 'SIGTERM')
    const timer = setTimeout(() => this.signal('SIGKILL'), graceMs)
    await this.#ended()
    clearTimeout(timer)
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL')
    await this.#ended()
  }

  /** The end of what the server wrote. */
  async logTail(): Promise<string> {
    const text = await readFile(this.#spec.logFile, 'utf8').catch(() => '')
    return text.trimEnd().split('\n').slice(-logTailLines).join('\n')
  }

  async #ended(): Promise<void> {
    if (this.#running) this.#keepAlive()
    await this.exited
  }
}

function sendSignal(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal)
  } catch (error) {
    // It ended by itself a moment ago.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
