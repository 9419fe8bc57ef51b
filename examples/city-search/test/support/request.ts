import { z } from 'zod'

const changeSchema = z.object({
  id: z.number(),
  committedAt: z.number(),
  total: z.number(),
  dueAt: z.number().optional(),
})

/** The parts of all API answers that the tests use. */
const answerSchema = z.object({
  error: z.string().optional(),
  now: z.number().optional(),
  total: z.number().optional(),
  cities: z.array(z.object({ id: z.number(), name: z.string(), countryName: z.string() })).optional(),
  row: z.object({ name: z.string() }).nullish(),
  document: z.object({ name: z.string(), countryName: z.string() }).nullish(),
  change: changeSchema.nullish(),
  lag: z
    .object({
      indexer: z.number(),
      cascade: z.number(),
      overdue: z.number(),
      delayed: z.number(),
      deadLetters: z.number(),
    })
    .optional(),
  changes: z
    .array(
      changeSchema.extend({
        indexedMs: z.number().optional(),
        healed: z.boolean().optional(),
        searchableMs: z.number().optional(),
      }),
    )
    .optional(),
})

export type Answer = z.infer<typeof answerSchema> & { readonly status: number }

/** @returns a function that calls the API at `url` */
export function requester(url: string): (method: string, path: string, body?: unknown) => Promise<Answer> {
  return async (method, path, body) => {
    const response = await fetch(`${url}/api${path}`, {
      method,
      ...(body !== undefined && {
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
    })
    return { ...answerSchema.parse(await response.json()), status: response.status }
  }
}
