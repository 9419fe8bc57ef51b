import { throwIfAborted } from '../abort.ts'
import { sendBulk } from './bulk-client.ts'
import type { BulkAnswer, BulkClient, BulkRequest } from './bulk-client.ts'
import type { BulkLines } from './bulk-lines.ts'
import type { Target } from './index-guard.ts'
import type { IndexerMetrics } from '../metrics.ts'
import { isOverload, classifyFailure, classifyItem } from './classify.ts'
import type { Classification } from './classify.ts'

export interface BulkWriterOptions {
  readonly client: BulkClient
  readonly index: string
  readonly maxBulkBytes: number
  readonly requestTimeoutMs: number
  readonly metrics: IndexerMetrics
}

/** The result of each operation, in order, and the error if a request failed as a whole. */
export interface WriteResult {
  readonly classifications: readonly Classification[]
  readonly error?: unknown
}

/** The result of a part of the operations. */
interface Sent extends WriteResult {
  /** Whether the rest would fail as well now. */
  readonly stop?: boolean
}

export interface WriteContext {
  readonly signal: AbortSignal
  /** Whether to isolate operations that the search engine refuses (429) although it accepts others. */
  readonly isolate: boolean
}

/** The probe deletes this id. No document has it, and the delete takes the same path as any other write. */
const probeId = '.kt-probe'

const done: Classification = { kind: 'done' }

/** After this many responses in a row without an error, the next one is expected to have none. */
const errorFreeResponses = 10

/** Sends operations to the search engine and classifies the result of each. */
export class BulkWriter {
  readonly #options: BulkWriterOptions
  /** How many responses in a row had no error. */
  #errorFree = 0
  #requireAlias = false

  constructor(options: BulkWriterOptions) {
    this.#options = options
  }

  /**
   * Sends the operations in as many requests as their size needs. When a request fails as a whole, the rest is not sent
   * and gets the same classification.
   *
   * @throws KtError `KT_ABORTED`
   */
  async write(lines: BulkLines, { isAlias, missing }: Target, context: WriteContext): Promise<WriteResult> {
    if (missing !== undefined)
      return { classifications: lines.actions.map(() => ({ kind: 'retry', ...missing })) }
    this.#requireAlias = isAlias
    return this.#sendEach(lines.chunks(this.#options.maxBulkBytes), context)
  }

  /**
   * Whether the search engine accepts any write to this index.
   *
   * @param routing selects one shard
   */
  async takesWrites(signal: AbortSignal, routing?: string): Promise<boolean> {
    try {
      const body = `${JSON.stringify({ delete: { _id: probeId, routing } })}\n`
      const { items } = await this.#request({ body, operations: 1, signal })
      const result = classifyItem({ kind: 'delete', versioned: false }, items?.[0])
      return result.kind === 'done' || ('type' in result && result.type === 'routing_missing_exception')
    } catch {
      throwIfAborted(signal)
      return false
    }
  }

  async #sendEach(parts: readonly BulkLines[], context: WriteContext): Promise<Sent> {
    const classifications: Classification[] = []
    let error: unknown
    let stop: Classification | undefined
    for (const part of parts) {
      if (stop !== undefined) {
        for (let i = 0; i < part.length; i++) classifications.push(stop)
        continue
      }
      const sent = await this.#send(part, context)
      classifications.push(...sent.classifications)
      error = sent.error ?? error
      if (sent.stop === true) stop = classifications.at(-1)
    }
    return { classifications, stop: stop !== undefined, ...(error !== undefined && { error }) }
  }

  async #send(lines: BulkLines, context: WriteContext): Promise<Sent> {
    const { actions, body, length } = lines
    const { metrics } = this.#options
    const { signal, isolate } = context
    const startedAt = performance.now()
    try {
      const { errors, items } = await this.#answer(lines, signal)
      metrics.bulk(body, performance.now() - startedAt)
      // The usual case: no item needs to be classified.
      if (!errors) return { classifications: actions.map(() => done) }
      const classifications = actions.map((action, i) => classifyItem(action, items?.[i]))
      return isolate && classifications.every(isOverload)
        ? await this.#isolate(lines, { classifications }, context)
        : { classifications }
    } catch (error) {
      throwIfAborted(signal)
      metrics.bulkFailed()
      const failure = classifyFailure(error)
      if (failure.kind === 'rejected' && length > 1) return this.#sendEach(halves(lines), context)
      const sent = { classifications: actions.map(() => failure), error, stop: failure.kind === 'retry' }
      return isolate && isOverload(failure) ? this.#isolate(lines, sent, context) : sent
    }
  }

  /** Halves a request that was refused as a whole. For a single operation, probes whether its shard accepts writes. */
  async #isolate(lines: BulkLines, sent: Sent, context: WriteContext): Promise<Sent> {
    if (lines.length > 1) return this.#sendEach(halves(lines), context)
    if (!(await this.takesWrites(context.signal, routingOf(lines)))) return { ...sent, stop: true }
    return {
      ...sent,
      stop: false,
      classifications: sent.classifications.map((each) => ({ ...each, kind: 'refused' })),
    }
  }

  /**
   * While requests succeed, asks only whether there were errors: writing, transferring and parsing an item for each
   * operation took a tenth of the time of indexing small documents. After an error the operations are sent once more,
   * to get their items. With external versions this has no effect on the index, which has the same or a newer version
   * already. Without versions it could write an old read again, so the items are requested at once.
   */
  async #answer({ actions, body, length }: BulkLines, signal: AbortSignal): Promise<BulkAnswer> {
    const request = { body, operations: length, signal }
    const brief = this.#errorFree >= errorFreeResponses && actions.every(({ versioned }) => versioned)
    const answer = await this.#request({ ...request, brief })
    this.#errorFree = answer.errors ? 0 : this.#errorFree + 1
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

/** The routing of the first operation, which selects its shard. */
function routingOf({ body }: BulkLines): string {
  const line = JSON.parse(body.slice(0, body.indexOf('\n'))) as {
    readonly [kind: string]: { readonly _id: string; readonly routing?: string }
  }
  const [action] = Object.values(line)
  return action?.routing ?? action?._id ?? ''
}
