// Types of an optional peer of `@elastic/elasticsearch`, which its own need, and which they would not find in all ways
// to resolve modules if it were installed. So all other libraries can be checked.
declare module 'apache-arrow/Arrow.node' {
  export type AsyncRecordBatchStreamReader = never
  export type Table<Columns> = Columns
  export type TypeMap = never
}
declare module 'apache-arrow/Arrow.node.js' {
  export type AsyncRecordBatchStreamReader = never
  export type Table<Columns> = Columns
  export type TypeMap = never
}
