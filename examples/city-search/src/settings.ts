import { z } from 'zod'

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

/** Service addresses, names and the delay of the safety net, from the environment. */
export const settings = readSettings(process.env)

/** @throws Error that lists each missing or invalid variable, without its value */
function readSettings(environment: NodeJS.ProcessEnv) {
  const result = environmentSchema.safeParse(withoutEmpty(environment))
  if (!result.success) {
    const lines = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
    throw new Error(`The configuration is not complete.\n${lines.join('\n')}`)
  }
  const { data } = result
  return {
    brokers: data.KT_KAFKA_BROKERS.split(','),
    elasticsearchUrl: data.KT_ELASTICSEARCH_URL,
    databaseUrl: data.KT_DATABASE_URL,
    /** Short here, to be easily watched. Five minutes is a good production value. */
    delayMs: data.KT_DELAY_MS,
    port: data.PORT,
    topicPrefix: data.KT_PREFIX === '' ? '' : `${data.KT_PREFIX}.`,
    index: data.KT_PREFIX === '' ? 'cities' : `${data.KT_PREFIX}-cities`,
  }
}

/** Treats `PORT=` in a shell or a compose file as 'not set'. */
function withoutEmpty(environment: NodeJS.ProcessEnv): Record<string, unknown> {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
}
