import { setTimeout } from 'node:timers/promises'
import type { ModelStatic } from 'sequelize'
import type { Product } from './stage.ts'

export interface Writers {
  /** @returns the number of writes */
  readonly stop: () => Promise<number>
}

/** Writes of all kinds, until they are stopped. Products up to 100 are changed and never deleted. */
export function startWriters(Product: ModelStatic<Product>, pauseMs = 3): Writers {
  const stopping = new AbortController()
  let count = 0
  const created: number[] = []
  const write = async (): Promise<void> => {
    const name = `Written ${count}`
    const old = created[Math.floor(created.length / 2)] ?? 0
    const kinds = [
      async () => created.push((await Product.create({ name })).id),
      () => Product.update({ name }, { where: { id: 1 + ((count * 7) % 100) } }),
      () => Product.update({ name }, { where: { id: old } }),
      () => Product.destroy({ where: { id: created.shift() ?? 0 } }),
      async () => created.push(...(await Product.bulkCreate([{ name }, { name }])).map(({ id }) => id)),
      () => Product.destroy({ where: { id: [old, 150 + (count % 100)] } }),
      // The key of a record changes.
      () => Product.update({ id: 1_000_000 + count }, { where: { id: created.shift() ?? 0 } }),
      () => Product.upsert({ id: 250 + (count % 50), name } as never),
    ]
    await kinds[count++ % kinds.length]?.()
  }
  const writing = (async () => {
    while (!stopping.signal.aborted) {
      await write()
      await setTimeout(pauseMs)
    }
  })()
  return {
    stop: async () => {
      stopping.abort()
      await writing
      return count
    },
  }
}
