import { createServer } from 'node:http'
import { answering, close, Counts, listen } from './collector.ts'
import type { Collector } from './collector.ts'

interface Line {
  readonly span?: { readonly subtype?: string }
}

/** The part of an APM server that Elastic's agent needs. */
export async function openElasticCollector(): Promise<Collector> {
  const counts = new Counts()
  const server = createServer(
    answering((body) => {
      for (const line of body.split('\n').filter(Boolean)) {
        const { span } = JSON.parse(line) as Line
        if (span?.subtype !== undefined) counts.add(`spans of ${span.subtype}`)
      }
      return { version: '8.15.0' }
    }),
  )
  const port = await listen(server)
  return {
    env: { ELASTIC_APM_SERVER_URL: `http://127.0.0.1:${port}` },
    evidence: () => counts.toObject(),
    [Symbol.asyncDispose]: () => close(server),
  }
}
