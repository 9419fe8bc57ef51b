import type { Case } from '../cases/case.ts'

/** What stands between the application and its databases. */
export interface Pooler extends AsyncDisposable {
  /** The address of a database, through it. */
  throughPooler(databaseUrl: string): string
}

const noPooler: Pooler = {
  throughPooler: (url) => url,
  [Symbol.asyncDispose]: () => Promise.resolve(),
}

export async function openPooler(each: Case): Promise<Pooler> {
  if (each.pooler === undefined) return noPooler
  throw new Error(`not yet`)
}
