import { KtError, recordStreamOf } from '@kt/core'
import { toRecordKey } from '@kt/core/internal'
import type { Model } from 'sequelize'
import { valuesOf } from '../model/model-class.ts'
import { destinationOf } from '../model/model-stream.ts'
import type { ModelStream } from '../model/model-stream.ts'
import { recordId } from '../model/record-key.ts'
import { noReferences } from '../model/references.ts'
import { ChangeLog } from './change-log.ts'
import type { AnyModel } from '../model/types.ts'

/** Creates a log of records that the caller passes as changed. */
export function logOf(records: Model | readonly Model[]): ChangeLog<string> {
  const log = new ChangeLog<string>()
  for (const record of toArray(records)) {
    const model = record.constructor as AnyModel
    const stream = streamOf(model)
    const key = toRecordKey(recordId(model, valuesOf(record))) ?? ''
    log.add('named', destinationOf(model, stream), {
      key,
      payload: stream.payload(record),
      references: noReferences,
    })
  }
  return log
}

/** @throws KtError `KT_OPTION_INVALID` when the model is not streamed. */
export function streamOf(model: AnyModel): ModelStream {
  const stream = recordStreamOf({ constructor: model }) as ModelStream | undefined
  if (stream === undefined)
    throw new KtError('KT_OPTION_INVALID', `${model.name} is not streamed. Call updateStream first`, {
      retryable: false,
    })
  return stream
}

export function toArray<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [value as T]
}
