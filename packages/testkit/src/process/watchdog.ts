import { spawn } from 'node:child_process'
import { Socket } from 'node:net'

/**
 * Reads from a pipe that only this process writes to. The pipe ends when this process ends, for any reason, SIGKILL
 * included. It is a shell and not a thread of the server, because a paused server could not end itself.
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

/** Ends its server and removes the temporary data when this process is gone. */
export interface Watchdog {
  /** The server is the leader of its process group. */
  started(pid: number): void
  ended(): void
  /** Stops the watchdog when nothing is left to watch. */
  dismiss(): void
}

/** @param temporaryFolder folder to remove, if any */
export function startWatchdog(temporaryFolder: string | undefined): Watchdog {
  const args = ['-c', script, 'watchdog', temporaryFolder ?? '']
  // Detached, so that a Ctrl-C in the terminal does not end the watchdog before its work is done.
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
