/** `error`: changes are lost, late or rejected. `warning`: that may happen, or something can't be checked. */
export type Severity = 'error' | 'warning'

/** Something that is not as it should be. */
export interface Finding {
  /** A literal code, such as `topic-missing`. */
  readonly code: string
  readonly severity: Severity
  /** The service, topic, index, group or model. */
  readonly subject: string
  /** What is wrong. */
  readonly message: string
  /** What to do. */
  readonly remedy: string
}

/** A part of the diagnosis, for its progress. */
export interface Check {
  readonly name: string
  readonly run: () => Promise<readonly Finding[]>
}
