import type { Client } from '@elastic/elasticsearch'
import type { BulkClient, IndexDefinition } from '@kt/indexer'
import type { FaultInjector } from './fault-injector.ts'

/** An index definition whose `load` passes a fault point before it reads, and one when it has. */
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

/** The same index with a `document` that keeps the process busy for so long. */
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

/** A search client that passes fault points before a bulk request, while it is under way, and after its answer. */
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
