import { setImmediate as turn } from 'node:timers/promises'
import type { FaultPoint } from '../harness/fault-points.ts'

interface Armed {
  readonly point: FaultPoint
  hits: number
}

/** Pauses this process at the point that the lab has chosen. Other points are passed without a pause. */
export class FaultInjector {
  readonly #report: (point: FaultPoint) => void
  #armed: Armed | undefined
  #release: (() => void) | undefined

  constructor(report: (point: FaultPoint) => void) {
    this.#report = report
  }

  /** Pauses the `hits`-th pass of `point` from now on, until `release` or the end of the process. */
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
    // A request that was just started leaves this process only after a turn of the event loop.
    if (point.endsWith('in-flight')) await turn()
    this.#report(point)
    await new Promise<void>((resolve) => {
      this.#release = resolve
    })
  }
}
