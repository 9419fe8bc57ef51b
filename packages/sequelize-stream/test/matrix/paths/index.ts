import { associationPaths } from './association-paths.ts'
import { bulkPaths } from './bulk-paths.ts'
import { explicitPaths } from './explicit-paths.ts'
import type { DialectName, ExplicitPath, Path } from './path.ts'
import { recordPaths } from './record-paths.ts'

/** A model's ways to write, with or without a stream. */
export function modelPaths(dialect: DialectName): readonly Path[] {
  return [...recordPaths, ...bulkPaths, ...associationPaths].filter(isIn(dialect))
}

/** All ways to write. */
export function allPaths(dialect: DialectName): readonly ExplicitPath[] {
  return [...modelPaths(dialect), ...explicitPaths.filter(isIn(dialect))]
}

function isIn(dialect: DialectName): (path: Pick<Path, 'dialects'>) => boolean {
  return ({ dialects }) => dialects?.includes(dialect) ?? true
}
