import { Utils } from 'sequelize'
import type { WhereOptions } from 'sequelize'
import type { AnyModel } from '../model/model-class.ts'
import type { Where } from './query-writes.ts'

/** A user's condition, with column names. */
export function columnCondition(model: AnyModel, where: WhereOptions): Where {
  const utils = Utils as unknown as { mapWhereFieldNames(where: unknown, model: AnyModel): Where }
  return utils.mapWhereFieldNames(where, model)
}
