import { createSync } from '@kt/sync'
import config, { productIndex, search } from './kt.config.ts'
import { Product } from './models.ts'

const sync = createSync(config)
await sync.start() // from here on, every write of a product is streamed

const lamp = await Product.create({ name: 'Green lamp', price: 30 })
await show('created')
await lamp.update({ price: 25 })
await show('updated')
await lamp.destroy()
await show('destroyed')

await sync.shutdown()

async function show(what: string): Promise<void> {
  await sync.whenCaughtUp() // demos and tests wait; applications need not
  await search.indices.refresh({ index: productIndex.name })
  const { hits } = await search.search({ index: productIndex.name, query: { match: { name: 'lamp' } } })
  console.log(
    what,
    hits.hits.map(({ _source }) => _source),
  )
}
