import { fileURLToPath } from 'node:url'
import { serveStatic } from '@hono/node-server/serve-static'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { HTTPException } from 'hono/http-exception'
import { secureHeaders } from 'hono/secure-headers'
import { citiesApi } from './api/cities.ts'
import { cityEditsApi } from './api/city-edits.ts'
import { countriesApi } from './api/countries.ts'
import { statusApi } from './api/status.ts'
import { problemHandler } from './problem.ts'
import type { Problem } from './problem.ts'
import type { WebContext } from './web-context.ts'

const publicFolder = fileURLToPath(new URL('public', import.meta.url))

/** The page and its JSON API. */
export function createApp(context: WebContext): Hono {
  const app = new Hono()
  app.use(
    secureHeaders({ contentSecurityPolicy: { defaultSrc: ["'self'"] }, strictTransportSecurity: false }),
  )
  app.use('/api/*', bodyLimit({ maxSize: 10_000, onError: tooLarge }))
  app.route('/api/cities', citiesApi())
  app.route('/api/cities', cityEditsApi(context))
  app.route('/api/countries', countriesApi(context))
  app.route('/api/status', statusApi(context))
  app.use('*', serveStatic({ root: publicFolder }))
  app.notFound(({ json }) => json({ error: 'There is nothing here' } satisfies Problem, 404))
  app.onError(problemHandler(context.logger))
  return app
}

function tooLarge(): never {
  throw new HTTPException(413, { message: 'The request is too large' })
}
