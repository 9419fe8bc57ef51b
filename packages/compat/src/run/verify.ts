import { Pool } from 'pg'
import type { TestScope } from 'testkit'
import type { Report } from '../app/report.ts'
import type { Case } from '../cases/case.ts'
import { checkMessages } from './check-messages.ts'
import { checkReport } from './check-report.ts'
import { readDocuments } from './documents.ts'
import { differences, readExpected, readRows } from './rows.ts'

export interface Run {
  readonly each: Case
  readonly report: Report
  readonly scope: TestScope
  /** Its database was written without a stream. */
  readonly plain: TestScope
  readonly delayMs: number
}

export interface Verdict {
  readonly documents: number
  readonly failures: readonly string[]
}

/** Compares the writes with and without a stream, and rows with documents. */
export async function verify({ each, report, scope, plain, delayMs }: Run): Promise<Verdict> {
  const streamedDatabase = new Pool({ connectionString: scope.databaseUrl })
  const plainDatabase = new Pool({ connectionString: plain.databaseUrl })
  try {
    const expected = await readExpected(streamedDatabase)
    const documents = await readDocuments(scope.elasticsearch, scope.prefix)
    const count = [...documents.values()].reduce((sum, { size }) => sum + size, 0)
    const [withoutStream, withStream] = [await readRows(plainDatabase), await readRows(streamedDatabase)]
    return {
      documents: count,
      failures: [
        ...checkReport(each, report, delayMs),
        ...differences(withoutStream, withStream, 'row'),
        ...(count === 0 ? ['there are no documents'] : []),
        ...differences(expected, documents, 'document'),
        ...(await checkMessages(each, scope)),
      ],
    }
  } finally {
    await Promise.all([streamedDatabase.end(), plainDatabase.end()])
  }
}
