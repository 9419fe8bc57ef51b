import { City } from '../model/city.ts'
import { Country } from '../model/country.ts'
import { cityIds, countryIds, spareCityIds } from './block.ts'
import { randomCity, randomName, someCities } from './random-rows.ts'
import type { WriteContext } from './write-context.ts'

/** Creates a city, renames others and destroys one, in one transaction. */
export async function severalWrites(context: WriteContext): Promise<void> {
  const { sequelize, base, random } = context
  await sequelize.transaction(async (transaction) => {
    await City.upsert(randomCity(context, random.pick(spareCityIds(base))), { transaction })
    const where = { id: someCities(context) }
    await City.update({ name: randomName(random) }, { where, transaction })
    await City.destroy({ where: { id: random.pick(cityIds(base)) }, transaction })
  })
}

/** Opens two savepoints and rolls one of them back. */
export async function savepoints(context: WriteContext): Promise<void> {
  const { sequelize, base, random } = context
  await sequelize.transaction(async (transaction) => {
    const kept = await sequelize.transaction({ transaction })
    await City.upsert(randomCity(context, random.pick(cityIds(base))), { transaction: kept })
    await kept.commit()
    const undone = await sequelize.transaction({ transaction })
    await City.destroy({ where: { id: random.pick(cityIds(base)) }, transaction: undone })
    await undone.rollback()
  })
}

/** Writes past the models, and reports the ids explicitly. */
export async function rawSql(context: WriteContext): Promise<void> {
  const { sequelize, updateStreamer, random } = context
  const where = { id: someCities(context) }
  await updateStreamer.bulk({ model: City, where }, async (transaction) => {
    const replacements = { ids: where.id, name: randomName(random) }
    const sql = 'UPDATE cities SET name = :name, population = population + 1 WHERE id IN (:ids)'
    await sequelize.query(sql, { replacements, transaction })
  })
}

export async function renameCountry({ sequelize, base, random }: WriteContext): Promise<void> {
  await sequelize.transaction(async (transaction) => {
    const country = await Country.findByPk(base, { transaction })
    await country?.update({ name: randomName(random) }, { transaction })
  })
}

export async function destroyCountry({ sequelize, base, random }: WriteContext): Promise<void> {
  const id = random.pick(countryIds(base))
  await sequelize.transaction(async (transaction) => {
    await City.destroy({ where: { countryId: id }, transaction })
    await Country.destroy({ where: { id }, transaction })
  })
}
