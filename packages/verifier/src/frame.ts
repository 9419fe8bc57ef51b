import { errorFields } from '@kt/core'
import { askSearch, delayTopicProblems } from '@kt/core/internal'
import { differingMappings } from './wanted-mappings.ts'

type Request = (params: never, options: never) => PromiseLike<object>

/** The part of a search client that the check of the frame uses, besides that of a Verifier. */
export interface FrameClient {
  readonly indices: { get: Request }
}

/** A consumer group that must be at work, such as a `GroupMonitor` of `@kt/consumer`. */
export interface WatchedGroup {
  readonly name: string
  /** The topic that it consumes. */
  readonly topic?: string
  /** How many workers the group has. */
  members(): Promise<number>
  /** Whether a message has been waiting for longer than `ageMs`. */
  isBehind(options: { readonly ageMs: number }): Promise<boolean>
}

/** The delay topic, and how long its messages wait. */
export interface WatchedDelay {
  readonly topic: string
  readonly delayMs: number
  /** Reads the settings of the topic. A `Consumer` does it. */
  readonly consumer: {
    topicSettings?(topic: string): Promise<Readonly<Record<string, string>>>
  }
}

export interface FrameOptions {
  readonly client: FrameClient
  /** The index or alias that is searched and written to. */
  readonly index: string
  /** The wanted mappings. Fields that only the index has are ignored. @defaultValue not checked */
  readonly mappings?: object | undefined
  /** The groups of Indexers, Cascaders and Delayers. @defaultValue none */
  readonly groups?: readonly WatchedGroup[]
  /**
   * How long a message may wait in a group's topic, in milliseconds.
   *
   * @defaultValue 30_000
   */
  readonly behindMs?: number
  /** @defaultValue not checked */
  readonly delay?: WatchedDelay
  /** Returns the number of dead letters that were not put back, such as the `lag` of a `GroupMonitor` for `<topic>_redrive` in `<topic>.dead-letter`. @defaultValue not checked */
  readonly deadLetters?: () => Promise<bigint | number>
}

/**
 * - `index-missing`: neither an index nor an alias has the name.
 * - `index-closed`, `index-read-only`: it can't be searched, or written to.
 * - `alias-ambiguous`: the alias has several indexes and no write index.
 * - `mapping-differs`: the mappings are not as wanted.
 * - `gc-deletes-short`: deletes are forgotten so soon that an old read could bring a document back.
 * - `group-empty`: no worker runs. `group-behind`: messages wait for too long.
 * - `delay-settings`: the delay topic may lose messages or hand them out too early.
 * - `dead-letters`: some messages were given up.
 * - `unknown`: a check failed.
 */
export type FrameProblemCode =
  | 'index-missing'
  | 'index-closed'
  | 'index-read-only'
  | 'alias-ambiguous'
  | 'mapping-differs'
  | 'gc-deletes-short'
  | 'group-empty'
  | 'group-behind'
  | 'delay-settings'
  | 'dead-letters'
  | 'unknown'

/** Something around the documents that is not as it should be. */
export interface FrameProblem {
  readonly code: FrameProblemCode
  /** The index, group or topic. */
  readonly subject: string
  /** What is wrong, and what to do. */
  readonly message: string
}

const defaultBehindMs = 30_000
/** An old read is repeated after 15 s. */
const leastGcDeletesMs = 60_000

/**
 * Checks what has to be right for documents to be right: that the index or alias is there and takes writes, its mappings,
 * that the workers run and make progress, the settings of the delay topic, and that nothing was given up. Changes nothing
 * and never rejects: a check that fails is a problem, too.
 */
export async function checkFrame(options: FrameOptions): Promise<readonly FrameProblem[]> {
  const { groups = [], delay, deadLetters, index } = options
  const checks = [
    guarded(index, () => checkIndex(options)),
    ...groups.map((group) => guarded(subjectOf(group), () => checkGroup(group, options))),
    ...(delay === undefined ? [] : [guarded(delay.topic, () => checkDelay(delay))]),
    ...(deadLetters === undefined ? [] : [guarded(index, () => checkDeadLetters(index, deadLetters))]),
  ]
  return (await Promise.all(checks)).flat()
}

async function guarded(
  subject: string,
  check: () => Promise<readonly FrameProblem[]>,
): Promise<readonly FrameProblem[]> {
  try {
    return await check()
  } catch (error) {
    const { cause: _cause, at: _at, ...fields } = errorFields(error)
    return [{ code: 'unknown', subject, message: `The check failed: ${Object.values(fields).join(', ')}` }]
  }
}

interface IndexFacts {
  readonly aliases?: Readonly<Record<string, { readonly is_write_index?: boolean }>>
  readonly mappings?: object
  readonly settings?: {
    readonly index?: {
      readonly gc_deletes?: string
      readonly verified_before_close?: string
      readonly blocks?: Readonly<Record<string, string>>
    }
  }
}

async function checkIndex({ client, index, mappings }: FrameOptions): Promise<readonly FrameProblem[]> {
  const { indices } = client
  const params = { index, expand_wildcards: 'all', ignore_unavailable: true }
  const found = Object.entries(
    (await askSearch(client, indices.get.bind(indices), { params })) as Record<string, IndexFacts>,
  )
  if (found.length === 0)
    return [
      {
        code: 'index-missing',
        subject: index,
        message: `"${index}" is neither an index nor an alias: searches fail and changes wait. Create it, or call ensure() of a Reindexer`,
      },
    ]
  const isWriteIndex = ([, { aliases = {} }]: (typeof found)[number]): boolean =>
    aliases[index]?.is_write_index === true
  return [
    ...(found.length > 1 && found.filter(isWriteIndex).length !== 1
      ? [
          {
            code: 'alias-ambiguous' as const,
            subject: index,
            message: `The alias has ${found.length} indexes and no write index: remove it from all but one`,
          },
        ]
      : []),
    ...found.flatMap(([name, facts]) => problemsOf(name, facts, mappings)),
  ]
}

function problemsOf(subject: string, { settings, mappings }: IndexFacts, wanted?: object): FrameProblem[] {
  const { gc_deletes: gcDeletes = '60s', blocks = {}, verified_before_close: closed } = settings?.index ?? {}
  const problems: FrameProblem[] = []
  if (closed === 'true')
    problems.push({ code: 'index-closed', subject, message: 'The index is closed: open it' })
  const blocked = Object.entries(blocks).flatMap(([name, value]) => (value === 'true' ? [name] : []))
  if (blocked.length > 0)
    problems.push({
      code: 'index-read-only',
      subject,
      message: `Writes wait because of index.blocks.${blocked.join(', ')}: free disk space if need be, then set it to null`,
    })
  const gcMs = durationMs(gcDeletes)
  if (gcMs !== undefined && gcMs < leastGcDeletesMs)
    problems.push({
      code: 'gc-deletes-short',
      subject,
      message: `index.gc_deletes is ${gcDeletes}: an old read could bring a deleted document back. Set it to 10m`,
    })
  const differing = wanted === undefined ? [] : differingMappings(wanted, mappings ?? {})
  if (differing.length > 0)
    problems.push({
      code: 'mapping-differs',
      subject,
      message: `Not as wanted: ${differing.join(', ')}. Call ensure() of a Reindexer to build the index anew`,
    })
  return problems
}

async function checkGroup(
  group: WatchedGroup,
  { behindMs = defaultBehindMs }: FrameOptions,
): Promise<readonly FrameProblem[]> {
  const subject = subjectOf(group)
  if ((await group.members()) === 0)
    return [{ code: 'group-empty', subject, message: 'No worker of this group runs: start one' }]
  if (!(await group.isBehind({ ageMs: behindMs }))) return []
  const message = `Messages have been waiting for more than ${behindMs} ms: see the log of its workers, or start more of them`
  return [{ code: 'group-behind', subject, message }]
}

function subjectOf({ name, topic }: WatchedGroup): string {
  return topic === undefined ? name : `${name} of ${topic}`
}

async function checkDelay({ topic, delayMs, consumer }: WatchedDelay): Promise<readonly FrameProblem[]> {
  const settings = (await consumer.topicSettings?.(topic)) ?? {}
  return delayTopicProblems(settings, delayMs).map(({ found, advice }) => ({
    code: 'delay-settings',
    subject: topic,
    message: `${Object.values(found).join()}: ${advice}`,
  }))
}

async function checkDeadLetters(
  subject: string,
  deadLetters: () => Promise<bigint | number>,
): Promise<readonly FrameProblem[]> {
  const open = BigInt(await deadLetters())
  if (open === 0n) return []
  const message = `${open} dead letters are open: mend their cause, then put them back with redrive()`
  return [{ code: 'dead-letters', subject, message }]
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Returns the milliseconds of a duration such as `10m`; undefined for other texts. */
function durationMs(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d+)(ms|s|m|h|d)$/u.exec(text) ?? []
  return number === undefined ? undefined : Number(number) * (units[unit] ?? 1)
}
