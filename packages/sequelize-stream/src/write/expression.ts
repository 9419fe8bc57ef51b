import { Utils } from 'sequelize'

/** Whether a value is an expression (`literal`, `fn`, `col`…), whose value only the database knows. */
export function isExpression(value: unknown): boolean {
  return value instanceof Utils.SequelizeMethod
}
