import { Router } from 'express'
import type { ModelStatic, Model } from 'sequelize'
import { sendToken } from '../sync.ts'

/** Creates and renames brands and categories. */
export function names(model: ModelStatic<Model & { readonly id: number }>): Router {
  const router = Router()
  router.post('/', async (request, response, next) => {
    const { id } = await model.create(request.body as { name: string })
    response.status(201)
    response.locals['answer'] = { id }
    next()
  })
  router.patch('/:id', async (request, _response, next) => {
    const record = await model.findByPk(request.params.id, { rejectOnEmpty: true })
    await record.update(request.body as { name: string })
    next()
  })
  return router.use(sendToken, (_request, response) => {
    response.json(response.locals['answer'] ?? {})
  })
}
