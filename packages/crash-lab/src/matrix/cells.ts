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
import { killCell } from './kill-cell.ts'

/** The writer is killed at each of its points for each of these. */
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

/** To the workers one message is much like another. */
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

/** A fan-out of 10,000 is much to work off, and half of it twice. */
const fanOutWorkMs = 45_000

/** The whole crash matrix. */
export function matrixCells(): Cell[] {
  // Whatever is lost here, the delay message makes good.
  return [...strictCells(), ...cross('indexer', workerPaths), ...cross('cascader', workerPaths)]
}

/** Every kill point where nothing may be lost: what is lost there is lost for good. */
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

/** Nobody dies here, or not only: the database, the search engine, Kafka or a definition are not as they should be. */
function faultCells(): Cell[] {
  return [
    ...lateCommitPaths.map(lateCommitCell),
    ...(['save', 'Model.update', 'destroy'] as const).map(ticketsBackCell),
    staleReaderCell,
    slowDocumentCell,
    missingTopicCell,
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
