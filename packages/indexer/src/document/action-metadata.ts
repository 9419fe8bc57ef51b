import { toRecordKey } from '@kt/core/internal'
import type { OperationOptions } from './index-definition.ts'

/** The JSON of an operation's action, except for the id. It is the same for most operations of a read. */
export interface ActionMetadata {
  /** The part after the id, from its closing quote to the end of the line. */
  readonly text: string
  /** Whether it has an external version, so that a conflict means that the index has a newer document. */
  readonly versioned: boolean
}

/**
 * Builds the JSON by hand: to create and serialize an object for each would take longer than most documents do. Checks
 * each part, because the search engine rejects the whole request for one malformed action.
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
    throw new TypeError('options() returned a routing that is not a string or whole number')
  return text
}

function versionNumber(version: unknown): number {
  if (Number.isSafeInteger(version) && (version as number) >= 0) return version as number
  throw new TypeError('options() returned a version that is not a whole number of at least 0')
}

function versionType(type: unknown): string {
  if (type === undefined) return 'external'
  if (type === 'external' || type === 'external_gte') return type
  throw new TypeError('options() returned a version_type that is neither external nor external_gte')
}
