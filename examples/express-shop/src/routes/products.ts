import { Router } from 'express'
import type { Request } from 'express'
import { Product } from '../models/product.ts'
import { Review } from '../models/review.ts'
import { searchProducts } from '../search/search-products.ts'
import { readYourWrites, sendToken } from '../sync.ts'

interface ProductInput {
  readonly name: string
  readonly brandId?: number
  readonly categoryIds?: number[]
}

export const products = Router()

products.get('/', readYourWrites, async (request, response) => {
  const { q = '', category } = request.query as { q?: string; category?: string }
  response.json(await searchProducts(q, category))
})

products.post('/', async (request: Request<object, unknown, ProductInput>, response, next) => {
  const { categoryIds = [], ...values } = request.body
  const product = await Product.create(values)
  await product.setCategories(categoryIds)
  response.status(201)
  response.locals['answer'] = { id: product.id }
  next()
})

products.patch(
  '/:id',
  async (request: Request<{ id: string }, unknown, Partial<ProductInput>>, _response, next) => {
    const { categoryIds, ...values } = request.body
    const product = await Product.findByPk(request.params.id, { rejectOnEmpty: true })
    await product.update(values)
    if (categoryIds !== undefined) await product.setCategories(categoryIds)
    next()
  },
)

products.delete('/:id', async (request, _response, next) => {
  const product = await Product.findByPk(request.params.id, { rejectOnEmpty: true })
  await product.destroy()
  next()
})

products.post(
  '/:id/reviews',
  async (request: Request<{ id: string }, unknown, { stars: number }>, response, next) => {
    const { stars } = request.body
    await Review.create({ stars, productId: Number(request.params.id) })
    response.status(201)
    next()
  },
)

products.use(sendToken, (_request, response) => {
  response.json(response.locals['answer'] ?? {})
})
