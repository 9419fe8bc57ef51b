// What other packages of this repository use, not for applications: see decision 020.

export { mayChangeOtherColumns } from './rows/other-columns.ts'
export { attributeValues } from './source/attribute-values.ts'
export { columnsRead, includeTree } from './source/includes.ts'
export { canBeLazy, lazyRecords } from './source/lazy-records.ts'
export type { AttributeList, IncludedAssociation, Includes } from './source/includes.ts'
export { recordIds } from './source/records-by.ts'
export { canContinueAfter } from './source/record-ids.ts'
export { countRecords, databaseOf } from './source/whole-table.ts'
