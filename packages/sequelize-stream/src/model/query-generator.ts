import { sequelizeOf } from './model-class.ts'
import type { AnyModel, Table } from './types.ts'

/** The parts of Sequelize's query generator that streaming uses. Its types leave them out. */
export interface QueryGenerator {
  quoteTable(table: Table): string
  quoteIdentifier(name: string): string
  whereQuery(where: unknown, options: { readonly model: AnyModel }): string
  deleteQuery(table: Table, where: unknown, options: object, model: AnyModel): string
}

export function generatorOf(model: AnyModel): QueryGenerator {
  return sequelizeOf(model).getQueryInterface().queryGenerator as QueryGenerator
}
