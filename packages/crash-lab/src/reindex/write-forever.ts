import { Pace } from '@kt/core/internal'
import type { ModelStatic } from 'sequelize'
import { Random } from '../writes/random.ts'
import type { Product } from './lab.ts'

export interface WriteOptions {
  readonly seed: number
  /** Products up to this id are never deleted, and keep their ids. */
  readonly keep: number
  /** Called after each write. */
  readonly onWritten: () => void
}

const writesPerSecond = 500
const writers = 8
/** All ids are up to this one, so that the table doesn't grow from round to round. */
const lastId = 4_000

/** Writes of all kinds at a steady rate, with and without transactions, some of which are rolled back. */
export async function writeForever(
  Product: ModelStatic<Product>,
  { seed, keep, onWritten }: WriteOptions,
): Promise<void> {
  const pace = new Pace(writesPerSecond)
  const lane = async (number: number): Promise<void> => {
    const random = new Random(seed + number)
    for (;;) {
      await pace.whenFree()
      pace.note(1)
      // Two writers may choose the same new id, or lock the same rows. Only what succeeds is counted.
      await writeOnce(Product, random, keep).then(onWritten, () => undefined)
    }
  }
  await Promise.all(Array.from({ length: writers }, (_, number) => lane(number)))
}

async function writeOnce(Product: ModelStatic<Product>, random: Random, keep: number): Promise<void> {
  const name = `Name ${random.between(1, 1_000_000)}`
  const any = (): number => random.between(1, lastId)
  const passing = (): number => random.between(keep + 1, lastId)
  const sequelize = Product.sequelize
  const write = random.pick<() => Promise<unknown>>([
    () => Product.create({ id: passing(), name } as never),
    () => Product.upsert({ id: any(), name } as never),
    () => Product.update({ name }, { where: { id: any() } }),
    () => Product.update({ name }, { where: { id: any() } }),
    () => Product.update({ name }, { where: { id: [any(), any(), any()] } }),
    () => Product.destroy({ where: { id: passing() } }),
    () =>
      Product.bulkCreate([{ id: passing(), name } as never, { id: passing(), name } as never], {
        ignoreDuplicates: true,
      }),
    () => Product.update({ id: passing() }, { where: { id: passing() } }),
    async () => (await Product.findByPk(passing()))?.destroy(),
    () =>
      Promise.resolve(
        sequelize?.transaction(async (transaction) => {
          await Product.update({ name }, { where: { id: any() }, transaction })
          await Product.destroy({ where: { id: passing() }, transaction })
          if (random.next() < 0.3) throw new Error('rolled back')
        }),
      ),
  ])
  await write()
}
