import { Op } from 'sequelize'
import { Product } from './product.ts'

const chunkSize = 1_000

/** What names a product: its id alone, in a plain object. */
export type NamedProduct = Pick<Product, 'id'>

/** The products whose documents hold the names of these brands, in chunks, as they are asked for. */
export async function* productsOfBrands(
  brandIds: readonly string[],
): AsyncGenerator<readonly NamedProduct[]> {
  let after = 0
  for (;;) {
    const products: readonly NamedProduct[] = await Product.findAll({
      attributes: ['id'],
      where: { brandId: brandIds.map(Number), id: { [Op.gt]: after } },
      order: ['id'],
      limit: chunkSize,
      raw: true,
    })
    yield products
    after = products.at(-1)?.id ?? after
    if (products.length < chunkSize) return
  }
}
