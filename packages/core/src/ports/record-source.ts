/** Reads the current records of a topic. */
export interface RecordSource<Record> {
  /**
   * Returns the records with these ids that belong in the index, in any order. An id without a record is deleted from
   * the index.
   */
  load(ids: readonly string[]): Promise<readonly Record[]>
  /** The id of a record, as in its messages. */
  id(record: Record): string
}
