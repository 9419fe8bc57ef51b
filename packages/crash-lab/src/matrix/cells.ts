import { faultPoints } from '../harness/fault-points.ts'
import type { RoleName } from '../harness/settings.ts'
import { cascadeBatchSize } from '../roles/cascade-batch-size.ts'
import { fanOut } from '../writes/seeding.ts'
import type { WritePath } from '../writes/write.ts'
import type { Cell } from './cell.ts'
import { frozenCell } from './frozen-cell.ts'
import { indexAwayCells } from './faults/index-away-cell.ts'
import { lateCommitCell } from './faults/late-commit-cell.ts'
import { missingTopicCell } from './faults/missing-topic-cell.ts'
import { slowDocumentCell } from './faults/slow-document-cell.ts'
import { staleReaderCell } from './faults/stale-reader-cell.ts'
import { ticketsBackCell } from './faults/tickets-back-cell.ts'
import { tokenCell } from './faults/token-cell.ts'
import { killCell } from './kill-cell.ts'

/** The writer is killed at each of its points with each of these. */
const writerPaths: readonly WritePath[] = [
  'create',
  'save',
  'move',
  'destroy',
  'increment',
  'upsert',
  'findOrCreate',
  'bulkCreate',
  'bulkCreate, updating',
  'Model.update',
  'Model.destroy',
  'transaction',
  'savepoints',
  'raw SQL',
  'country.save',
]

/** Fewer paths, because messages differ little for the workers. */
const workerPaths: readonly WritePath[] = [
  'create',
  'move',
  'destroy',
  'Model.update',
  'transaction',
  'country.save',
]

const frozenPaths: readonly WritePath[] = ['create', 'save', 'Model.update', 'transaction', 'raw SQL']

const lateCommitPaths: readonly WritePath[] = ['create', 'move', 'destroy', 'Model.update', 'transaction']

const fanOutPaths: readonly WritePath[] = [
  'country.save',
  'Country.update',
  'Country.upsert',
  'Country.bulkCreate',
  'country in a transaction',
]

/** Longer than usual, because half of the fan-out of 10,000 is processed twice. */
const fanOutWorkMs = 45_000

/** Returns the whole crash matrix. */
export function matrixCells(): Cell[] {
  // In the added cells, the delay message repairs any loss.
  return [...strictCells(), ...cross('indexer', workerPaths), ...cross('cascader', workerPaths)]
}

/** Returns the cells in which nothing else repairs a loss. */
export function strictCells(): Cell[] {
  return [
    ...cross('writer', writerPaths),
    ...cross('indexer', workerPaths, instantLost),
    ...cross('delayer', workerPaths, instantLost),
    ...cross('cascader', workerPaths, instantLost),
    ...fanOutPaths.map(fanOutCell),
    ...(['delay.in-flight', 'commit.before'] as const).flatMap((point) =>
      frozenPaths.map((path) => frozenCell(point, path)),
    ),
    ...faultCells(),
  ]
}

/** Returns the cells in which the database, the search engine, Kafka or an index definition misbehaves. */
function faultCells(): Cell[] {
  return [
    ...lateCommitPaths.map(lateCommitCell),
    ...(['save', 'Model.update', 'destroy'] as const).map(ticketsBackCell),
    staleReaderCell,
    slowDocumentCell,
    missingTopicCell,
    tokenCell,
    ...indexAwayCells,
  ]
}

const instantLost = { instantLost: true }

function cross(
  role: RoleName,
  paths: readonly WritePath[],
  more: { readonly instantLost?: boolean } = {},
): Cell[] {
  return faultPoints[role].flatMap((point) => paths.map((path) => killCell({ role, point, path, ...more })))
}

function fanOutCell(path: WritePath): Cell {
  return killCell({
    role: 'cascader',
    point: 'cascade.acked',
    path,
    instantLost: true,
    hits: fanOut / cascadeBatchSize / 2,
    where: `half-way through a fan-out of ${fanOut.toLocaleString('en')}`,
    fixture: 'seed fan-out',
    workMs: fanOutWorkMs,
  })
}
