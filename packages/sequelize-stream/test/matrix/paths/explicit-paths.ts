import type { ExplicitPath, PathOptions, PathWorld } from './path.ts'

/** Writes that no model sees and that must be reported explicitly. */
export const explicitPaths: readonly ExplicitPath[] = [
  {
    name: 'UpdateStreamer.bulk for raw SQL, by a condition',
    rows: 2,
    eagerRows: 2,
    write: ({ City, streamer, ...world }, o) =>
      streamer.bulk(
        { model: City, where: { countryCode: 'DE' } },
        (transaction) =>
          run(world, `UPDATE cities SET country_code = 'FR' WHERE country_code = 'DE'`, { transaction }),
        o,
      ),
  },
  {
    name: 'UpdateStreamer.bulk for raw SQL, by records',
    rows: 1,
    eagerRows: 1,
    write: async ({ Mayor, streamer, ...world }, o) => {
      const mayors = await Mayor.findAll({ where: { cityId: 1 }, ...o })
      const sql = `DELETE FROM mayors WHERE city_id = 1`
      return streamer.bulk(mayors, (transaction) => run(world, sql, { transaction }), o)
    },
  },
  {
    name: 'UpdateStreamer.bulk for ON DELETE CASCADE and SET NULL',
    rows: 3,
    eagerRows: 2,
    write: ({ City, CityTag, Mayor, streamer }, o) => {
      const where = { cityId: 3 }
      return streamer.bulk(
        { model: CityTag, where },
        (transaction) =>
          streamer.bulk({ model: Mayor, where }, () => City.destroy({ where: { id: 3 }, transaction }), {
            transaction,
          }),
        o,
      )
    },
  },
]

function run(
  { sequelize }: Pick<PathWorld, 'sequelize'>,
  sql: string,
  options: PathOptions,
): Promise<unknown> {
  return sequelize.query(sql, options)
}
