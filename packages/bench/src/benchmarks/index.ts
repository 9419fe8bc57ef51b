import type { Benchmark } from '../benchmark.ts'
import { bulkWrite } from './bulk-write.ts'
import { cascade } from './cascade.ts'
import { consumer } from './consumer.ts'
import { delayer } from './delayer.ts'
import { delayerIdle } from './delayer-idle.ts'
import { heal } from './heal.ts'
import { indexer } from './indexer.ts'
import { lane } from './lane.ts'
import { latency } from './latency.ts'
import { memory } from './memory.ts'
import { peer } from './peer.ts'
import { reindex } from './reindex.ts'
import { scale } from './scale.ts'
import { token } from './token.ts'
import { unread } from './unread.ts'
import { verify } from './verify.ts'
import { write, writeTraced } from './write.ts'

/** In the order of the table. */
export const benchmarks: readonly Benchmark[] = [
  indexer,
  latency,
  token,
  write,
  writeTraced,
  bulkWrite,
  delayer,
  delayerIdle,
  consumer,
  cascade,
  lane,
  unread,
  heal,
  reindex,
  verify,
  memory,
  scale,
  peer,
]
