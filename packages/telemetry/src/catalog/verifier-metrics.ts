import type { MetricDescription } from './metric-description.ts'

export const verifierMetrics: readonly MetricDescription[] = [
  {
    name: 'kt_verifier_compared_total',
    package: '@kt/verifier',
    kind: 'counter',
    unit: '{item}',
    labels: ['index', 'phase'],
    help: 'Items that were compared, by phase: records of the database or documents of the index.',
  },
  {
    name: 'kt_verifier_differences_total',
    package: '@kt/verifier',
    kind: 'counter',
    unit: '{document}',
    labels: ['index', 'kind'],
    help: 'Differences between the database and the index, by kind: missing, stale, orphaned or duplicate. Look for writes that are not streamed and for lost messages, and heal.',
  },
  {
    name: 'kt_verifier_frame_problems',
    package: '@kt/verifier',
    kind: 'gauge',
    unit: '{problem}',
    labels: ['index'],
    help: 'Problems around the documents that exist now, such as a read-only index or a group without workers. The log says for each what to do.',
  },
]
