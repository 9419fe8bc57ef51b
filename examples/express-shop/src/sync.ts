import { createSync } from '@kt/sync'
import type { RequestHandler } from 'express'
import config from '../kt.config.ts'
import { productIndex } from './search/product-index.ts'

export const sync = createSync(config)

/** The token of what a request has written. The client sends it with its next search. */
const header = 'x-change-token'

/** Remembers what each request writes. */
export const trackChanges: RequestHandler = (_request, _response, next) => sync.updateStreamer.track(next)

/** Sends the token of what this request has written. */
export const sendToken: RequestHandler = async (_request, response, next) => {
  response.set(header, await sync.updateStreamer.token())
  next()
}

/** Waits until a search shows what the client has written. */
export const readYourWrites: RequestHandler = async (request, _response, next) => {
  const token = request.get(header)
  if (token !== undefined) await sync.waitForIndexed(token, productIndex.name, { refresh: true })
  next()
}
