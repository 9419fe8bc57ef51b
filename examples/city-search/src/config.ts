import { z } from 'zod'

/** Service addresses, names of topics, groups and index, and the delay of the safety net. */
export interface Config {
  readonly brokers: readonly string[]
  readonly elasticsearchUrl: string
  readonly databaseUrl: string
  /** The delay of delay messages. Short here, to be easily watched. Five minutes is a good production value. */
  readonly delayMs: number
  readonly port: number
  readonly topics: Readonly<Record<'cities' | 'cascaded' | 'countries' | 'delay', string>>
  readonly groups: Readonly<Record<'indexer' | 'cascadedIndexer' | 'delayer' | 'cascades', string>>
  readonly index: string
}

const address = 'must be set: see the README of this example'

const environmentSchema = z.object({
  KT_KAFKA_BROKERS: z.string({ error: address }).min(1, address),
  KT_ELASTICSEARCH_URL: z.url({ error: address }),
  KT_DATABASE_URL: z.url({ error: address }),
  KT_DELAY_MS: z.coerce.number().int().min(100).default(10_000),
  KT_PREFIX: z
    .string()
    .regex(/^[a-z0-9-]*$/, 'may hold a–z, 0–9 and dashes')
    .default(''),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
})

/**
 * Reads the configuration from environment variables.
 *
 * @throws Error that lists each missing or invalid variable, without its value
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const result = environmentSchema.safeParse(withoutEmpty(environment))
  if (!result.success) {
    const lines = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
    throw new Error(`The configuration is not complete.\n${lines.join('\n')}`)
  }
  const { data } = result
  const dotted = data.KT_PREFIX === '' ? '' : `${data.KT_PREFIX}.`
  const index = data.KT_PREFIX === '' ? 'cities' : `${data.KT_PREFIX}-cities`
  return {
    brokers: data.KT_KAFKA_BROKERS.split(','),
    elasticsearchUrl: data.KT_ELASTICSEARCH_URL,
    databaseUrl: data.KT_DATABASE_URL,
    delayMs: data.KT_DELAY_MS,
    port: data.PORT,
    topics: {
      cities: `${dotted}cities`,
      cascaded: `${dotted}cities_cascaded`,
      countries: `${dotted}countries`,
      delay: `${dotted}delay`,
    },
    groups: {
      indexer: `${dotted}cities_indexer`,
      cascadedIndexer: `${dotted}cities_cascaded_indexer`,
      delayer: `${dotted}delayer`,
      cascades: `${dotted}countries_to_${index}`,
    },
    index,
  }
}

/** Treats `PORT=` in a shell or a compose file as 'not set'. */
function withoutEmpty(environment: Readonly<Record<string, string | undefined>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
}
