import { setImmediate as turn } from 'node:timers/promises'
import type { FaultPoint } from '../harness/fault-points.ts'

interface Armed {
  readonly point: FaultPoint
  hits: number
}

/** Brings this process to a stand at the point that the lab has chosen. What passes other points goes on. */
export class FaultInjector {
  readonly #report: (point: FaultPoint) => void
  #armed: Armed | undefined
  #release: (() => void) | undefined

  constructor(report: (point: FaultPoint) => void) {
    this.#report = report
  }

  /** Whoever passes `point` for the `hits`-th time from now on stands still until `release` or the end. */
  arm(point: FaultPoint, hits: number): void {
    this.#armed = { point, hits }
  }

  release(): void {
    this.#release?.()
  }

  async pass(point: FaultPoint): Promise<void> {
    const armed = this.#armed
    if (armed?.point !== point || --armed.hits > 0) return
    this.#armed = undefined
    // What is under way has left this process only when the event loop has turned.
    if (point.endsWith('in-flight')) await turn()
    this.#report(point)
    await new Promise<void>((resolve) => {
      this.#release = resolve
    })
  }
}
