import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import fastify from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { namesOf } from './support/shops.ts'
import { openStage } from './support/stage.ts'
import type { Stage } from './support/stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await openStage(import.meta.url, { document: namesOf })
  await stage.models.Shop.create({ id: 1, name: 'old' })
})
afterAll(() => stage[Symbol.asyncDispose]())

async function rename(name: string): Promise<string> {
  const { models, updateStreamer } = stage
  await models.Shop.update({ name }, { where: { id: 1 } })
  return updateStreamer.token()
}

async function expressAddress(): Promise<{ url: string; close: () => Promise<unknown> }> {
  const app = express()
  app.use(express.json(), (_request, _response, next) => stage.updateStreamer.track(next))
  // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Express 5 handles their rejections
  app.patch('/shop', async (request, response) => {
    response.set('x-changes', await rename((request.body as { name: string }).name)).json({})
  })
  const server: Server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/shop`,
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}

async function fastifyAddress(): Promise<{ url: string; close: () => Promise<unknown> }> {
  const app = fastify()
  app.addHook('preHandler', (_request, _reply, done) => stage.updateStreamer.track(done))
  app.patch<{ Body: { name: string } }>('/shop', async (request, reply) => {
    reply.header('x-changes', await rename(request.body.name))
    return {}
  })
  return { url: `${await app.listen({ port: 0, host: '127.0.0.1' })}/shop`, close: () => app.close() }
}

test.each([
  ['Express', expressAddress],
  ['Fastify', fastifyAddress],
])('under %s, a request gets a token of its own writes', async (name, listen) => {
  const { url, close } = await listen()
  try {
    const rounds = Array.from({ length: 20 }, (_, round) => `${name} ${round}`)
    for (const shop of rounds) {
      const body = JSON.stringify({ name: shop })
      const response = await fetch(url, {
        method: 'PATCH',
        body,
        headers: { 'content-type': 'application/json' },
      })
      const token = response.headers.get('x-changes') ?? ''
      expect(await stage.monitor.waitForIndexed(token)).toBe('indexed')
      expect(await stage.document(1)).toMatchObject({ name: shop })
    }
  } finally {
    await close()
  }
})
