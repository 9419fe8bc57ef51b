/** What the runner tells the application. */
export interface Settings {
  readonly brokers: readonly string[]
  readonly elasticsearchUrl: string
  /** Written first, without a stream. */
  readonly plainUrl: string
  readonly streamedUrl: string
  /** Begins the names of topics and groups, and of indexes. */
  readonly topicPrefix: string
  readonly indexPrefix: string
  readonly delayMs: number
  readonly reportFile: string
  /** More options for Sequelize, such as `{ native: true }`. */
  readonly sequelize?: Readonly<Record<string, unknown>>
}

/** By an environment variable, which comes through test runners and child processes alike. */
export function readSettings(): Settings {
  const text = process.env['COMPAT_SETTINGS']
  if (text === undefined) throw new Error('COMPAT_SETTINGS is not set')
  return JSON.parse(text) as Settings
}
