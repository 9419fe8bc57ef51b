// The application in one process of a cluster, and more of its workers in another.
import cluster from 'node:cluster'
import { once } from 'node:events'

if (cluster.isPrimary) {
  const workers = cluster.fork({ COMPAT_ROLE: 'workers' })
  await once(workers, 'message')
  const application = cluster.fork()
  const [code] = await once(application, 'exit')
  workers.kill('SIGKILL')
  process.exitCode = code ?? 1
} else if (process.env.COMPAT_ROLE === 'workers') {
  await import('./app/second.js')
} else {
  const { main } = await import('./app/write-report.js')
  await main()
  process.disconnect()
}
