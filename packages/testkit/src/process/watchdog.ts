import { spawn } from 'node:child_process'
import { Socket } from 'node:net'

/**
 * Reads from a pipe that only this process writes to. The pipe ends when this process does, in whatever way, a
 * SIGKILL included. A shell, and not a thread of the server: a server that is paused could not end itself.
 */
const script = `
pid=
while read -r word value; do
  case $word in
    started) pid=$value ;;
    ended) pid= ;;
    dismissed) exit 0 ;;
  esac
done
if [ -n "$pid" ]; then
  kill -s STOP "$pid"
  children=$(cat /proc/"$pid"/task/*/children || ps -A -o pid= -o ppid= | awk -v p="$pid" '$2 == p { print $1 }')
  kill -s KILL -- "-$pid" $children
fi
[ -n "$1" ] && rm -rf -- "$1"
`

/** When this process is gone, ends the server that it was told of and removes its temporary data. */
export interface Watchdog {
  /** The server is the leader of its process group. */
  started(pid: number): void
  ended(): void
  /** Nothing is left to watch. */
  dismiss(): void
}

/** @param temporaryFolder what to remove, if anything */
export function startWatchdog(temporaryFolder: string | undefined): Watchdog {
  const args = ['-c', script, 'watchdog', temporaryFolder ?? '']
  // Detached: a Ctrl-C in the terminal must not end the watchdog before its work is done.
  const child = spawn('/bin/sh', args, { stdio: ['pipe', 'ignore', 'ignore'], detached: true, cwd: '/' })
  // Neither the watchdog nor its pipe keeps this process alive.
  child.unref()
  if (child.stdin instanceof Socket) child.stdin.unref()
  child.stdin.on('error', () => undefined)
  return {
    started: (pid) => void child.stdin.write(`started ${pid}\n`),
    ended: () => void child.stdin.write('ended\n'),
    dismiss: () => void child.stdin.end('dismissed\n'),
  }
}
