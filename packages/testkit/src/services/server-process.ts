import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { KtError } from '@kt/core'
import { servicesUnavailable } from '../errors.ts'
import type { InstallOptions } from '../install/java-service.ts'
import type { ProcessSpec } from '../process/managed-process.ts'
import { ManagedProcess } from '../process/managed-process.ts'
import type { Watchdog } from '../process/watchdog.ts'
import { startWatchdog } from '../process/watchdog.ts'
import type { WorkFolder } from '../process/work-folder.ts'
import { openWorkFolder } from '../process/work-folder.ts'
import { silentProgress } from '../progress.ts'
import { waitFor } from '../wait-for.ts'
import type { Service, ServiceOptions } from './service.ts'

/** How to run a server whose folder is ready. */
export type Launch = Omit<ProcessSpec, 'logFile'>

interface Workplace {
  readonly folder: WorkFolder
  readonly logFile: string
  readonly watchdog: Watchdog
}

const stopGraceMs = 20_000
const probeIntervalMs = 50
const predecessorGraceMs = 10_000
const retryIntervalMs = 200

/** Log messages of a server whose data or port another process uses. */
const heldByAnother = /lock|Address already in use|BindException/i

/** The life cycle of one server process, shared by all services. */
export abstract class ServerProcess implements Service {
  /** Name in progress messages and errors, such as `Kafka`. */
  readonly name: string
  readonly #options: ServiceOptions
  #workplace: Workplace | undefined
  #launch: Launch | undefined
  #process: ManagedProcess | undefined
  readonly #closing = new AbortController()
  #starting: Promise<void> | undefined

  constructor(name: string, options: ServiceOptions) {
    this.name = name
    this.#options = options
  }

  /** Installs the server and fills its folder. Called once, before the first start. */
  protected abstract prepare(folder: string, options: InstallOptions): Promise<Launch>

  /** Whether the server answers requests. A rejection means 'not yet'. */
  protected abstract probe(): Promise<boolean>

  /** Returns the server's output since its first start. */
  protected async log(): Promise<string> {
    const file = this.#workplace?.logFile
    return file === undefined ? '' : readFile(file, 'utf8').catch(() => '')
  }

  async start(signal?: AbortSignal): Promise<void> {
    if (this.#closing.signal.aborted) {
      throw new KtError('KT_CLOSED', `${this.name} was closed`, { retryable: false })
    }
    const either = AbortSignal.any([this.#closing.signal, ...(signal ? [signal] : [])])
    this.#starting ??= this.#start(either).finally(() => {
      this.#starting = undefined
    })
    await this.#starting
  }

  async stop(): Promise<void> {
    await this.#process?.stop(stopGraceMs)
  }

  async kill(): Promise<void> {
    await this.#process?.kill()
  }

  pause(): void {
    this.#process?.signal('SIGSTOP')
  }

  resume(): void {
    this.#process?.signal('SIGCONT')
  }

  async restart(signal?: AbortSignal): Promise<void> {
    await this.stop()
    await this.start(signal)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#starting?.catch(() => undefined)
    // Temporary data need no orderly shutdown.
    await (this.#workplace?.folder.temporary === true ? this.kill() : this.stop())
    await this.#workplace?.folder.remove()
    this.#workplace?.watchdog.dismiss()
    this.#workplace = undefined
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #start(signal: AbortSignal): Promise<void> {
    if (this.#process?.running === true) return
    const onProgress = this.#options.onProgress ?? silentProgress
    this.#workplace ??= await this.#openWorkplace()
    this.#launch ??= await this.prepare(this.#workplace.folder.path, { onProgress, signal })
    signal.throwIfAborted()
    onProgress(`${this.name}: starting`)
    const startedAt = performance.now()
    await this.#untilUp(this.#workplace, this.#launch, signal)
    onProgress(`${this.name}: ready after ${((performance.now() - startedAt) / 1000).toFixed(1)} s`)
  }

  async #openWorkplace(): Promise<Workplace> {
    const name = this.name.toLowerCase().replaceAll(/\W+/g, '-')
    const folder = await openWorkFolder(name, this.#options.persistent)
    const logFile = join(folder.path, 'server.log')
    await rm(logFile, { force: true })
    return { folder, logFile, watchdog: startWatchdog(folder.temporary ? folder.path : undefined) }
  }

  async #untilUp(
    { folder, logFile, watchdog }: Workplace,
    launch: Launch,
    signal: AbortSignal,
  ): Promise<void> {
    const giveUpAt = performance.now() + (folder.temporary ? 0 : predecessorGraceMs)
    for (;;) {
      const server = new ManagedProcess({ ...launch, logFile }, watchdog)
      this.#process = server
      try {
        return await this.#untilReady(server, signal)
      } catch (error) {
        const endedByItself = !server.running
        await server.kill()
        signal.throwIfAborted()
        const log = await server.logTail()
        // The server of a run that was just killed may still hold kept data for a moment.
        const mayComeFree = endedByItself && heldByAnother.test(log) && performance.now() < giveUpAt
        if (!mayComeFree)
          throw servicesUnavailable(`${this.name} did not start. The end of its log:\n${log}\n`, error)
        await delay(retryIntervalMs, undefined, { signal })
      }
    }
  }

  async #untilReady(server: ManagedProcess, signal: AbortSignal): Promise<void> {
    const settled = new AbortController()
    const ready = waitFor(() => this.probe(), {
      what: `An answer of ${this.name}`,
      timeoutMs: this.#options.startTimeoutMs ?? 120_000,
      intervalMs: probeIntervalMs,
      signal: AbortSignal.any([signal, settled.signal]),
    })
    const ended = server.exited.then((how) => Promise.reject(new Error(`${this.name} ended (${how})`)))
    try {
      await Promise.race([ready, ended])
    } finally {
      settled.abort()
      ready.catch(() => undefined)
      ended.catch(() => undefined)
    }
  }
}
