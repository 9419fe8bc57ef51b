import { KtError } from '@kt/core'
import { toPayload } from '@kt/core/internal'
import type { Payload, RecordStream } from '@kt/core'
import type { Model } from 'sequelize'
import type { Destination } from '../changes/change.ts'
import { qualifiedName, valuesOf } from './model-class.ts'
import { recordId } from './record-key.ts'
import type { AnyModel } from './types.ts'

type Topics = Omit<Destination, 'table'>

/** How the changes of a model are streamed. */
export interface ModelStream extends RecordStream<Model>, Topics {
  /** Whether the payload needs the record and not just its id. */
  readonly isCustom: boolean
}

export interface ModelStreamOptions extends Topics {
  readonly payload?: (record: Model) => Payload
}

export function modelStream(
  model: AnyModel,
  { topic, delayTopic, payload }: ModelStreamOptions,
): ModelStream {
  const byId = (record: Model): Payload => ({ id: recordId(model, valuesOf(record)) })
  return {
    topic,
    delayTopic,
    isCustom: payload !== undefined,
    payload: payload === undefined ? byId : (record) => checkedPayload(model, payload, record),
  }
}

/** The destination of the changes of a model, or of its variant in another schema. */
export function destinationOf(model: AnyModel, { topic, delayTopic }: ModelStream): Destination {
  return { topic, delayTopic, table: qualifiedName(model) }
}

/** Returns the user's payload as it will arrive. */
function checkedPayload(model: AnyModel, payload: (record: Model) => Payload, record: Model): Payload {
  try {
    return toPayload(JSON.parse(JSON.stringify(payload(record))) as Payload)
  } catch (cause) {
    throw new KtError(
      'KT_STREAM_FAILED',
      `The option "payload" for ${model.name} threw an error, or did not return an object with an "id"`,
      {
        cause,
        retryable: false,
      },
    )
  }
}
