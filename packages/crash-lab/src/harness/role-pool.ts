import { RoleProcess } from './role-process.ts'

/** Keeps idle processes with all code loaded, so that a killed process is replaced at once. */
export class RolePool implements AsyncDisposable {
  readonly #spares: RoleProcess[] = []
  readonly #all = new Set<RoleProcess>()
  readonly #killAll = (): void => {
    for (const each of this.#all) void each.kill()
  }
  readonly #size: number
  #closed = false

  /** @param size the number of idle processes */
  constructor(size: number) {
    // A frozen process would not notice that its parent has exited.
    process.once('exit', this.#killAll)
    this.#size = size
    while (this.#spares.length < size) this.#spares.push(this.#spawn())
  }

  /** Returns a process with all code loaded and no role yet. */
  async take(): Promise<RoleProcess> {
    if (this.#closed) throw new Error('The pool is closed')
    const spare = this.#spares.shift() ?? this.#spawn()
    while (this.#spares.length < this.#size) this.#spares.push(this.#spawn())
    await spare.loaded
    return spare
  }

  async close(): Promise<void> {
    this.#closed = true
    process.removeListener('exit', this.#killAll)
    await Promise.all([...this.#all].map((each) => each.kill()))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #spawn(): RoleProcess {
    const spawned = new RoleProcess()
    this.#all.add(spawned)
    void spawned.exited.then(() => this.#all.delete(spawned))
    return spawned
  }
}
