import { Op } from 'sequelize'
import { Product } from './product.ts'

const chunkSize = 1_000

/** The products whose documents hold the names of these brands, their ids alone, as they are asked for. */
export async function* productsOfBrands(brandIds: readonly string[]): AsyncGenerator<Product> {
  let after = 0
  for (;;) {
    const products = await Product.findAll({
      attributes: ['id'],
      where: { brandId: brandIds.map(Number), id: { [Op.gt]: after } },
      order: ['id'],
      limit: chunkSize,
    })
    yield* products
    after = products.at(-1)?.id ?? after
    if (products.length < chunkSize) return
  }
}
