import { createServer } from 'node:http'
import { answer, close, Counts, listen, readBody } from './collector.ts'
import type { Collector } from './collector.ts'

interface Line {
  readonly span?: { readonly subtype?: string }
}

/** As much of an APM server as the agent of Elastic needs. */
export async function openElasticCollector(): Promise<Collector> {
  const counts = new Counts()
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      for (const line of body.split('\n').filter(Boolean)) {
        const { span } = JSON.parse(line) as Line
        if (span?.subtype !== undefined) counts.add(`spans of ${span.subtype}`)
      }
      answer(response, request.method === 'POST' ? 202 : 200, { version: '8.15.0' })
    })
  })
  const port = await listen(server)
  return {
    env: { ELASTIC_APM_SERVER_URL: `http://127.0.0.1:${port}` },
    evidence: () => counts.toObject(),
    [Symbol.asyncDispose]: () => close(server),
  }
}
