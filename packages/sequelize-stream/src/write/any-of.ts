import { Op } from 'sequelize'
import type { Where } from './query-writes.ts'

/** SQLite refuses more than 1,000 terms in a row. */
const groupSize = 100

/** The condition that one of these is met, in groups: databases limit how deep an expression may be. */
export function anyOf(conditions: readonly Where[]): Where {
  if (conditions.length <= groupSize) return { [Op.or]: conditions }
  const groups: Where[] = []
  for (let start = 0; start < conditions.length; start += groupSize)
    groups.push({ [Op.or]: conditions.slice(start, start + groupSize) })
  return { [Op.or]: groups }
}
