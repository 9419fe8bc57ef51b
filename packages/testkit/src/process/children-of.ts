import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'

/**
 * Returns the direct children of a process. PostgreSQL's backends leave their parent's process group, so a signal to
 * the group does not reach them.
 */
export function childrenOf(pid: number): number[] {
  return childrenFromProc(pid) ?? childrenFromPs(pid)
}

function childrenFromProc(pid: number): number[] | undefined {
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    const lists = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8'))
    return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number))
  } catch {
    return undefined
  }
}

function childrenFromPs(pid: number): number[] {
  const table = execFileSync('ps', ['-A', '-o', 'pid=', '-o', 'ppid='], { encoding: 'utf8' })
  const rows = table.split('\n').map((row) => row.trim().split(/\s+/).map(Number))
  return rows.flatMap(([child, parent]) => (parent === pid && child !== undefined ? [child] : []))
}
