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
  /** Output goes to this file, so that the process never waits for this one to read. */
  readonly logFile: string
  /** Requests an orderly shutdown. @defaultValue 'SIGTERM' */
  readonly stopSignal?: NodeJS.Signals
}

const logTailLines = 40

/** A server in its own process group that does not outlive this process. */
export class ManagedProcess {
  /** Resolves with a description of how the server ended. */
  readonly exited: Promise<string>
  readonly #spec: ProcessSpec
  readonly #pid: number | undefined
  readonly #keepAlive: () => void
  #running = true

  constructor(spec: ProcessSpec, watchdog: Watchdog) {
    this.#spec = spec
    const { command, args, logFile, stopSignal: _, ...options } = spec
    const log = openSync(logFile, 'a')
    // Detached, so that a Ctrl-C in the terminal reaches only this process, which then stops the server.
    const child = spawn(command, args, { ...options, stdio: ['ignore', log, log], detached: true })
    closeSync(log)
    child.unref()
    this.#pid = child.pid
    this.#keepAlive = () => child.ref()
    // Without a pid, the 'error' event gives the reason.
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

  /** Signals the server and its children, if it runs. */
  signal(signal: NodeJS.Signals): void {
    if (!this.#running || this.#pid === undefined) return
    // A stopped server forks no child that the list would miss.
    if (signal === 'SIGSTOP' || signal === 'SIGKILL') sendSignal(this.#pid, 'SIGSTOP')
    for (const target of [...childrenOf(this.#pid), -this.#pid]) sendSignal(target, signal)
  }

  /** Requests the server's end, and kills it if it has not ended within the grace period. */
  async stop(graceMs: number): Promise<void> {
    if (!this.#running || this.#pid === undefined) return
    // A paused process can't handle the signal.
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

  /** Returns the end of the server's output. */
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
