import { recordStreamOf } from '@kt/core'
import { optionChecker } from '@kt/core/internal'
import type { Model } from 'sequelize'
import type { ModelIndex } from './model-index.ts'
import { changedByDatabase } from './path.ts'
import type { AnyModel, Step } from './path.ts'
import { RecordTracer } from './record-tracer.ts'
import type { Use } from './record-tracer.ts'

export interface CoverageOptions {
  /**
   * How many records are tried. A branch of `document()` that none of them takes is not checked.
   *
   * @defaultValue 100
   */
  readonly sampleSize?: number
}

/** Something that a document reads although its changes would not reach it. */
export interface CoverageGap {
  readonly kind: 'not-streamed' | 'not-included' | 'not-loaded' | 'changed-by-database'
  readonly model: string
  /** The attribute or association, unless it is the model as a whole. */
  readonly name?: string
  /** What to do. */
  readonly fix: string
}

export interface CoverageReport {
  readonly index: string
  /** How many records were tried. */
  readonly sampled: number
  /** What has to be fixed; empty if every change reaches the documents. */
  readonly gaps: readonly CoverageGap[]
  /** The attributes that `document()` has read, by model: a starting point for `attributes`. */
  readonly reads: Readonly<Record<string, readonly string[]>>
}

/**
 * Reports what the documents of an index read although its changes would not reach them: models that are not streamed,
 * associations that `document()` loads by itself, attributes that are not loaded, and foreign keys that the database
 * changes on deletes. Builds the documents of a sample of records, and writes nothing. Call it in a test, after
 * `updateStream`.
 *
 * @throws KtError `KT_OPTION_INVALID`, `KT_LOAD_FAILED`; and the errors of `document()`
 */
export async function coverage<M extends Model>(
  index: ModelIndex<M, object>,
  options: CoverageOptions = {},
): Promise<CoverageReport> {
  const limit = optionChecker('coverage').integer('sampleSize', options.sampleSize ?? 100, { min: 1 })
  const tracer = new RecordTracer()
  const records = await index.sample(limit)
  for (const record of records) await index.document(tracer.trace(record))
  const { paths } = index.graph()
  const models = new Set<AnyModel>([
    index.model,
    ...paths.flatMap(({ steps }) => steps.map(({ far }) => far)),
  ])
  return {
    index: index.name,
    sampled: records.length,
    gaps: [
      ...[...models].flatMap(streamGap),
      ...paths.flatMap(({ steps }) => deleteGap(steps.at(-1))),
      ...tracer.uses.flatMap(useGaps),
    ],
    reads: Object.fromEntries(tracer.uses.map(({ model, attributes }) => [model.name, [...attributes]])),
  }
}

function streamGap(model: AnyModel): readonly CoverageGap[] {
  if (recordStreamOf({ constructor: model }) !== undefined) return []
  const fix = `Call updateStream(${model.name}, …) in the processes that write it, and before this check`
  return [{ kind: 'not-streamed', model: model.name, fix }]
}

function deleteGap(step: Step | undefined): readonly CoverageGap[] {
  const problem = changedByDatabase(step)
  if (problem === undefined || step === undefined) return []
  const fix = `${problem}, or declare the association with onDelete: 'RESTRICT'`
  return [{ kind: 'changed-by-database', model: step.near.name, name: step.foreignKey, fix }]
}

function useGaps({ model, missing, associations }: Use): readonly CoverageGap[] {
  return [
    ...[...associations].map((name) => ({
      kind: 'not-included' as const,
      model: model.name,
      name,
      fix: `Add '${name}' to the include of ${model.name}, so that its changes are cascaded, and read it from the record`,
    })),
    ...[...missing].map((name) => ({
      kind: 'not-loaded' as const,
      model: model.name,
      name,
      fix: `Add '${name}' to the attributes of ${model.name}`,
    })),
  ]
}
