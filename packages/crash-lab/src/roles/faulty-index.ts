import type { Client } from '@elastic/elasticsearch'
import type { BulkClient, IndexDefinition } from '@kt/indexer'
import type { FaultInjector } from './fault-injector.ts'

/** Wraps an index definition. Its `load` passes a fault point before and after it reads. */
export function faultyIndex<Record>(
  definition: IndexDefinition<Record>,
  faults: FaultInjector,
): IndexDefinition<Record> {
  return {
    ...definition,
    load: async (ids, context) => {
      await faults.pass('load.before')
      const records = await definition.load(ids, context)
      await faults.pass('load.after')
      return records
    },
  }
}

/** Wraps an index definition. Its `document` blocks the process for the given time. */
export function slowIndex<Record>(
  definition: IndexDefinition<Record>,
  documentMs: number,
): IndexDefinition<Record> {
  return {
    ...definition,
    document: (...record) => {
      const endsAtMs = performance.now() + documentMs
      while (performance.now() < endsAtMs);
      return definition.document(...record)
    },
  }
}

type Bulk = (params: never, options: never) => Promise<object>

/** Wraps a search client. It passes fault points before a bulk request, during it, and after its answer. */
export function faultyBulkClient(client: Client, faults: FaultInjector): BulkClient {
  const send = client.bulk.bind(client) as unknown as Bulk
  return {
    indices: client.indices,
    bulk: async (params: never, options: never) => {
      await faults.pass('bulk.before')
      const [answer] = await Promise.all([send(params, options), faults.pass('bulk.in-flight')])
      await faults.pass('bulk.after')
      return answer
    },
  }
}
