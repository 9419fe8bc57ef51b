export { Cascader } from './cascader.ts'
export type { CascaderRunOptions, FindDependents, ImportOptions } from './cascader.ts'
export type { Records } from './importer.ts'
export type { CascaderOptions } from './options.ts'
