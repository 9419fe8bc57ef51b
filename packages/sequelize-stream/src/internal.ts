// What other packages of this repository use, not for applications: see decision 020.

export { mayChangeOtherColumns } from './rows/other-columns.ts'
export { attributeValues } from './source/attribute-values.ts'
export { columnsRead, includeTree } from './source/includes.ts'
export type { AttributeList, IncludedAssociation, Includes } from './source/includes.ts'
export { canContinueAfter } from './source/record-ids.ts'
