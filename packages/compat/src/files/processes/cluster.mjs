// The application in one process of a cluster, and more of its workers in another.
import cluster from 'node:cluster'
import { once } from 'node:events'

if (cluster.isPrimary) {
  const workers = cluster.fork({ COMPAT_ENTRY: './app/second.js' })
  await once(workers, 'message')
  const application = cluster.fork({ COMPAT_ENTRY: './app/main.js' })
  const [code] = await once(application, 'exit')
  workers.kill('SIGKILL')
  process.exitCode = code ?? 1
} else {
  await import(process.env.COMPAT_ENTRY)
  // A worker of a cluster goes on until it is told that it may end.
  if (process.env.COMPAT_ENTRY === './app/main.js') process.once('beforeExit', () => process.disconnect())
}
