import { search } from './client.ts'
import { productIndex } from './product-index.ts'
import type { ProductDocument } from './product-index.ts'

export interface FoundProduct extends ProductDocument {
  readonly id: number
}

export async function searchProducts(text: string, category?: string): Promise<FoundProduct[]> {
  const { hits } = await search.search<ProductDocument>({
    index: productIndex.name,
    query: {
      bool: {
        must: text === '' ? { match_all: {} } : { multi_match: { query: text, fields: ['name', 'brand'] } },
        filter: category === undefined ? [] : [{ term: { categories: category } }],
      },
    },
  })
  return hits.hits.flatMap(({ _id, _source }) => (_source ? [{ id: Number(_id), ..._source }] : []))
}
