/** The runner's settings for the application. */
export interface Settings {
  readonly brokers: readonly string[]
  readonly elasticsearchUrl: string
  /** The database that is written first, without a stream. */
  readonly plainUrl: string
  readonly streamedUrl: string
  /** Prefix of the names of topics and groups, and of indexes. */
  readonly topicPrefix: string
  readonly indexPrefix: string
  readonly delayMs: number
  readonly reportFile: string
  /** Additional options for Sequelize, such as `{ native: true }`. */
  readonly sequelize?: Readonly<Record<string, unknown>>
}

/** Reads them from an environment variable, which test runners and child processes pass on. */
export function readSettings(): Settings {
  const text = process.env['COMPAT_SETTINGS']
  if (text === undefined) throw new Error('COMPAT_SETTINGS is not set')
  return JSON.parse(text) as Settings
}
