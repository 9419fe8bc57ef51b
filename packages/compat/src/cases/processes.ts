import type { Case } from './case.ts'

export const processCases: readonly Case[] = [
  {
    name: 'worker-threads',
    what: 'the application in a worker thread, and additional workers in another',
    flavour: 'esm',
    files: ['processes/threads.mjs'],
    run: ['threads.mjs'],
  },
  {
    name: 'cluster',
    what: 'the application in a cluster process, and additional workers in another',
    flavour: 'esm',
    files: ['processes/cluster.mjs'],
    run: ['cluster.mjs'],
  },
]
