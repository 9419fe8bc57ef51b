import { execFileSync } from 'node:child_process'
import { basename } from 'node:path'

interface RunningProcess {
  readonly pid: number
  readonly parent: number
  readonly state: string
  readonly command: string
}

/** Returns the children of a process, their children, and so on. */
export function descendantsOf(pid: number): readonly RunningProcess[] {
  const all = listProcesses()
  const below = (parent: number): readonly RunningProcess[] =>
    all.filter((each) => each.parent === parent).flatMap((each) => [each, ...below(each.pid)])
  return below(pid)
}

/** Whether the process is still there, other than as an entry that nobody has collected. */
export function runs(pid: number): boolean {
  return listProcesses().some((each) => each.pid === pid && !each.state.startsWith('Z'))
}

function listProcesses(): readonly RunningProcess[] {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,comm='], { encoding: 'utf8' })
  return table
    .trim()
    .split('\n')
    .map((line) => {
      const [pid, parent, state = '', ...command] = line.trim().split(/\s+/)
      return { pid: Number(pid), parent: Number(parent), state, command: basename(command.join(' ')) }
    })
}
