import { bareChain } from '../tasks/bare-chain.ts'
import { bulkWrite } from '../tasks/bulk-write.ts'
import { cascade } from '../tasks/cascade.ts'
import { consume, eachBatch } from '../tasks/consume.ts'
import { drainWaiting } from '../tasks/drain-waiting.ts'
import { edit } from '../tasks/edit.ts'
import { followChanges } from '../tasks/follow-changes.ts'
import { heal } from '../tasks/heal.ts'
import { hold } from '../tasks/hold.ts'
import { indexIds } from '../tasks/index-ids.ts'
import { indexMemory } from '../tasks/index-memory.ts'
import { indexTimed } from '../tasks/index-timed.ts'
import { indexTopic } from '../tasks/index-topic.ts'
import { laneLoad } from '../tasks/lane-load.ts'
import { makeChanges } from '../tasks/make-changes.ts'
import { indexUnread } from '../tasks/index-unread.ts'
import { queueAll } from '../tasks/queue-all.ts'
import { reindexLoad } from '../tasks/reindex-load.ts'
import { reindexTable } from '../tasks/reindex-table.ts'
import { resend, resendBare } from '../tasks/resend.ts'
import { scanBothWays, verifyIndex } from '../tasks/verify-index.ts'
import { waitWithTokens } from '../tasks/wait-with-tokens.ts'
import { write } from '../tasks/write.ts'

/** All tasks that a process can run. Inputs and results are passed as JSON. */
export const tasks = {
  bareChain,
  bulkWrite,
  cascade,
  consume,
  drainWaiting,
  eachBatch,
  edit,
  followChanges,
  heal,
  hold,
  indexIds,
  indexMemory,
  indexTimed,
  indexTopic,
  indexUnread,
  laneLoad,
  makeChanges,
  queueAll,
  reindexLoad,
  reindexTable,
  resend,
  resendBare,
  scanBothWays,
  verifyIndex,
  waitWithTokens,
  write,
}

export type Tasks = typeof tasks
