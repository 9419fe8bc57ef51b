import { throwIfAborted } from '../abort.ts'
import { sendBulk } from './bulk-client.ts'
import type { BulkAnswer, BulkClient, BulkRequest } from './bulk-client.ts'
import type { BulkLines } from './bulk-lines.ts'
import type { Target } from './index-guard.ts'
import type { IndexerMetrics } from '../metrics.ts'
import { isPushback, judgeFailure, judgeItem } from './verdict.ts'
import type { Finding, Verdict } from './verdict.ts'

export interface BulkWriterOptions {
  readonly client: BulkClient
  readonly index: string
  readonly maxBulkBytes: number
  readonly requestTimeoutMs: number
  readonly metrics: IndexerMetrics
}

/** What became of the operations, in their order, and the error if a request failed as a whole. */
export interface WriteResult {
  readonly findings: readonly Finding[]
  readonly error?: unknown
}

/** What became of a part of the operations. */
interface Sent extends WriteResult {
  /** Whether what comes after would fare no better now. */
  readonly stop?: boolean
}

export interface WriteContext {
  readonly signal: AbortSignal
  /** Whether to find out which of the operations the search engine refuses (429) though it takes others. */
  readonly isolate: boolean
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
   * the finding is the same.
   *
   * @throws KtError `KT_ABORTED`
   */
  async write(lines: BulkLines, { isAlias, missing }: Target, context: WriteContext): Promise<WriteResult> {
    if (missing !== undefined) return { findings: lines.actions.map(() => ({ kind: 'retry', ...missing })) }
    this.#requireAlias = isAlias
    return this.#sendEach(lines.chunks(this.#options.maxBulkBytes), context)
  }

  /**
   * Whether the search engine takes anything at all for this index.
   *
   * @param routing asks for one shard of it
   */
  async takesWrites(signal: AbortSignal, routing?: string): Promise<boolean> {
    try {
      const body = `${JSON.stringify({ delete: { _id: probeId, routing } })}\n`
      const { items } = await this.#request({ body, operations: 1, signal })
      const verdict = judgeItem({ kind: 'delete', versioned: false }, items?.[0])
      return verdict.kind === 'done' || ('type' in verdict && verdict.type === 'routing_missing_exception')
    } catch {
      throwIfAborted(signal)
      return false
    }
  }

  async #sendEach(parts: readonly BulkLines[], context: WriteContext): Promise<Sent> {
    const findings: Finding[] = []
    let error: unknown
    let stop: Finding | undefined
    for (const part of parts) {
      if (stop !== undefined) {
        for (let i = 0; i < part.length; i++) findings.push(stop)
        continue
      }
      const sent = await this.#send(part, context)
      findings.push(...sent.findings)
      error = sent.error ?? error
      if (sent.stop === true) stop = findings.at(-1)
    }
    return { findings, stop: stop !== undefined, ...(error !== undefined && { error }) }
  }

  async #send(lines: BulkLines, context: WriteContext): Promise<Sent> {
    const { actions, body, length } = lines
    const { metrics } = this.#options
    const { signal, isolate } = context
    const startedAt = performance.now()
    try {
      const { errors, items } = await this.#answer(lines, signal)
      metrics.bulk(body, performance.now() - startedAt)
      // The usual answer: nothing in it needs to be looked at.
      if (!errors) return { findings: actions.map(() => done) }
      const findings = actions.map((action, i) => judgeItem(action, items?.[i]))
      return isolate && findings.every(isPushback)
        ? await this.#isolate(lines, { findings }, context)
        : { findings }
    } catch (error) {
      throwIfAborted(signal)
      metrics.bulkFailed()
      const verdict = judgeFailure(error)
      if (verdict.kind === 'rejected' && length > 1) return this.#sendEach(halves(lines), context)
      const sent = { findings: actions.map(() => verdict), error, stop: verdict.kind === 'retry' }
      return isolate && isPushback(verdict) ? this.#isolate(lines, sent, context) : sent
    }
  }

  /** Sends what was refused as a whole in halves, and asks about one that is alone whether its shard takes anything. */
  async #isolate(lines: BulkLines, sent: Sent, context: WriteContext): Promise<Sent> {
    if (lines.length > 1) return this.#sendEach(halves(lines), context)
    if (!(await this.takesWrites(context.signal, routingOf(lines)))) return { ...sent, stop: true }
    return {
      ...sent,
      stop: false,
      findings: sent.findings.map((finding) => ({ ...finding, kind: 'refused' })),
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

function halves(lines: BulkLines): readonly BulkLines[] {
  const middle = lines.length >> 1
  return [lines.slice(0, middle), lines.slice(middle, lines.length)]
}

/** What decides the shard of the first operation. */
function routingOf({ body }: BulkLines): string {
  const line = JSON.parse(body.slice(0, body.indexOf('\n'))) as {
    readonly [kind: string]: { readonly _id: string; readonly routing?: string }
  }
  const [action] = Object.values(line)
  return action?.routing ?? action?._id ?? ''
}
