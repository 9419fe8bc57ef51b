import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { streamSSE } from 'hono/streaming'
import { awayService } from '../status-feed.ts'
import type { WebContext } from '../web-context.ts'

export function statusApi({ status, signal }: WebContext): Hono {
  return new Hono()
    .get('/', async (context) => {
      const current = await status.current().catch((cause: unknown) => {
        throw new HTTPException(503, { message: `${awayService(cause)} is not available; try again`, cause })
      })
      return context.json(current)
    })
    .get('/events', (context) =>
      streamSSE(context, async (stream) => {
        const left = new AbortController()
        stream.onAbort(() => left.abort())
        for await (const each of status.updates(AbortSignal.any([signal, left.signal])))
          await stream.writeSSE({ data: JSON.stringify(each) })
      }),
    )
}
