import { toRecordKey } from '@kt/core'
import type { OperationOptions } from './index-definition.ts'

/** What the action of an operation says besides its id, in JSON; most operations of a read have the same. */
export interface ActionMetadata {
  /** All that comes after the id, from its closing quote to the end of the line. */
  readonly text: string
  /** Whether there is an external version in it, so that a conflict means that something newer is there. */
  readonly versioned: boolean
}

/**
 * Written by hand: an object and its serialization for each would take longer than most documents do. The search engine
 * refuses the whole request for one malformed action, so each part is checked here.
 *
 * @throws TypeError
 */
export function actionMetadata(
  options: OperationOptions | undefined,
  ticket: number | undefined,
): ActionMetadata {
  const version = options?.version ?? ticket
  let text = '"'
  if (version !== undefined)
    text += `,"version":${versionNumber(version)},"version_type":"${versionType(options?.version_type)}"`
  if (options?.routing !== undefined) text += `,"routing":${JSON.stringify(routingText(options.routing))}`
  if (options?.pipeline !== undefined) text += `,"pipeline":${JSON.stringify(options.pipeline)}`
  return { text: `${text}}}\n`, versioned: version !== undefined }
}

/** @throws TypeError */
export function routingText(routing: unknown): string {
  const text = toRecordKey(routing)
  if (text === undefined)
    throw new TypeError('options() returned a routing that is no string or whole number')
  return text
}

function versionNumber(version: unknown): number {
  if (Number.isSafeInteger(version) && (version as number) >= 0) return version as number
  throw new TypeError('options() returned a version that is no whole number of at least 0')
}

function versionType(type: unknown): string {
  if (type === undefined) return 'external'
  if (type === 'external' || type === 'external_gte') return type
  throw new TypeError('options() returned a version_type that is neither external nor external_gte')
}
