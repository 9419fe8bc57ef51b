import { modelIndex } from '@kt/model-index'
import type { DocumentOf } from '@kt/model-index'
import { Product } from '../models/product.ts'
import type { Review } from '../models/review.ts'

/** A product with all that it is found by. It follows changes of its brand, categories and reviews, too. */
export const productIndex = modelIndex(Product, {
  name: process.env['PRODUCTS_INDEX'] ?? 'products',
  include: ['brand', 'categories', 'reviews'],
  mappings: {
    dynamic: 'strict',
    properties: {
      name: { type: 'text' },
      brand: { type: 'text' },
      categories: { type: 'keyword' },
      rating: { properties: { count: { type: 'integer' }, average: { type: 'float' } } },
    },
  },
  document: ({ name, brand, categories = [], reviews = [] }) => ({
    name,
    brand: brand?.name ?? null,
    categories: categories.map((category) => category.name).toSorted(),
    rating: ratingOf(reviews),
  }),
})

export type ProductDocument = DocumentOf<typeof productIndex>

function ratingOf(reviews: readonly Review[]): { count: number; average: number | null } {
  const sum = reviews.reduce((all, { stars }) => all + stars, 0)
  return { count: reviews.length, average: reviews.length === 0 ? null : sum / reviews.length }
}
