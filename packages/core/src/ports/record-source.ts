/** Where the records of a topic are read afresh. */
export interface RecordSource<Record> {
  /**
   * The records with these ids that belong in the index, in any order. An id that is not among them is deleted from
   * the index.
   */
  load(ids: readonly string[]): Promise<readonly Record[]>
  /** The id of a record, as it stands in the messages. */
  id(record: Record): string
}
