import express from 'express'
import type { ErrorRequestHandler, Express } from 'express'
import { Brand } from './models/brand.ts'
import { Category } from './models/category.ts'
import { names } from './routes/names.ts'
import { products } from './routes/products.ts'
import { trackChanges } from './sync.ts'

const toProblem: ErrorRequestHandler = (error: Error, _request, response, _next) => {
  const statuses: Readonly<Record<string, number>> = {
    SequelizeEmptyResultError: 404,
    SequelizeValidationError: 400,
  }
  response.status(statuses[error.name] ?? 500).json({ error: error.name })
}

export const app: Express = express()
  .use(express.json(), trackChanges)
  .use('/products', products)
  .use('/brands', names(Brand))
  .use('/categories', names(Category))
  .use(toProblem)
