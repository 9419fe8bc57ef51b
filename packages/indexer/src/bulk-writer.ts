import { throwIfAborted } from './abort.ts'
import { sendBulk } from './bulk-client.ts'
import type { BulkAnswer, BulkClient, BulkRequest } from './bulk-client.ts'
import type { BulkLines } from './bulk-lines.ts'
import type { Target } from './index-guard.ts'
import type { IndexerMetrics } from './metrics.ts'
import { judgeFailure, judgeItem } from './verdict.ts'
import type { Verdict } from './verdict.ts'

export interface BulkWriterOptions {
  readonly client: BulkClient
  readonly index: string
  readonly maxBulkBytes: number
  readonly requestTimeoutMs: number
  readonly metrics: IndexerMetrics
}

/** What became of the operations, in their order, and the error if a request failed as a whole. */
export interface WriteResult {
  readonly verdicts: readonly Verdict[]
  readonly error?: unknown
}

/** Deleting what never was harms nothing, and takes the same way through the search engine as any write. */
const probeId = '.kt-probe'

const done: Verdict = { kind: 'done' }

/** After so many answers in a row without an error, the next one is expected to be without. */
const calmAnswers = 10

/** Sends operations to the search engine and tells what became of each. */
export class BulkWriter {
  readonly #options: BulkWriterOptions
  /** How many answers in a row told of no error. */
  #calm = 0
  #requireAlias = false

  constructor(options: BulkWriterOptions) {
    this.#options = options
  }

  /**
   * Sends the operations in as many requests as their size asks for. When one fails as a whole the rest is not sent:
   * its verdict is the same.
   *
   * @throws KtError `KT_ABORTED`
   */
  async write(lines: BulkLines, { isAlias, missing }: Target, signal: AbortSignal): Promise<WriteResult> {
    if (missing !== undefined) return { verdicts: lines.actions.map(() => ({ kind: 'retry', ...missing })) }
    this.#requireAlias = isAlias
    const verdicts: Verdict[] = []
    for (const chunk of lines.chunks(this.#options.maxBulkBytes)) {
      const result = await this.#send(chunk, signal)
      verdicts.push(...result.verdicts)
      const verdict = result.verdicts.at(-1)
      if (result.error === undefined || verdict?.kind !== 'retry') continue
      const unsent = Array.from({ length: lines.length - verdicts.length }, () => verdict)
      return { verdicts: [...verdicts, ...unsent], error: result.error }
    }
    return { verdicts }
  }

  /** Whether the search engine takes anything at all for this index. */
  async takesWrites(signal: AbortSignal): Promise<boolean> {
    try {
      const body = `${JSON.stringify({ delete: { _id: probeId } })}\n`
      const { items } = await this.#request({ body, operations: 1, signal })
      const verdict = judgeItem({ kind: 'delete', versioned: false }, items?.[0])
      return verdict.kind === 'done' || ('type' in verdict && verdict.type === 'routing_missing_exception')
    } catch {
      throwIfAborted(signal)
      return false
    }
  }

  async #send(lines: BulkLines, signal: AbortSignal): Promise<WriteResult> {
    const { actions, body, length } = lines
    const { metrics } = this.#options
    const startedAt = performance.now()
    try {
      const { errors, items } = await this.#answer(lines, signal)
      metrics.bulk(body, performance.now() - startedAt)
      // The usual answer: nothing in it needs to be looked at.
      if (!errors) return { verdicts: actions.map(() => done) }
      return { verdicts: actions.map((action, i) => judgeItem(action, items?.[i])) }
    } catch (error) {
      throwIfAborted(signal)
      metrics.bulkFailed()
      const verdict = judgeFailure(error)
      if (verdict.kind === 'rejected' && length > 1) return this.#sendHalves(lines, signal)
      return { verdicts: actions.map(() => verdict), error }
    }
  }

  async #sendHalves(lines: BulkLines, signal: AbortSignal): Promise<WriteResult> {
    const { length } = lines
    const middle = length >> 1
    const first = await this.#send(lines.slice(0, middle), signal)
    const second = await this.#send(lines.slice(middle, length), signal)
    const error = second.error ?? first.error
    return {
      verdicts: [...first.verdicts, ...second.verdicts],
      ...(error !== undefined && { error }),
    }
  }

  /**
   * While all is well the search engine is asked for no more than that: to write, read and keep an item for each
   * operation took a tenth of what indexing small documents takes. When it isn't, the operations are sent once more, for
   * their items. That changes nothing where an external version guards them: what was written, or is newer, is there
   * already. Without versions it might bring an old read back, so all is asked for at once.
   */
  async #answer({ actions, body, length }: BulkLines, signal: AbortSignal): Promise<BulkAnswer> {
    const request = { body, operations: length, signal }
    const brief = this.#calm >= calmAnswers && actions.every(({ versioned }) => versioned)
    const answer = await this.#request({ ...request, brief })
    this.#calm = answer.errors ? 0 : this.#calm + 1
    return answer.errors && answer.items === undefined ? this.#request(request) : answer
  }

  #request(request: Pick<BulkRequest, 'body' | 'operations' | 'brief' | 'signal'>): Promise<BulkAnswer> {
    const { client, index, requestTimeoutMs } = this.#options
    return sendBulk(client, {
      ...request,
      index,
      requireAlias: this.#requireAlias,
      timeoutMs: requestTimeoutMs,
    })
  }
}
