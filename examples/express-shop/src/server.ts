import { app } from './app.ts'
import { sync } from './sync.ts'

await sync.start()
const port = Number(process.env['PORT'] ?? 3000)
const server = app.listen(port, (error) => {
  // Express tells here when the port is taken.
  if (error) throw error
  console.log(`http://localhost:${port}/products`)
})
sync.shutdownOnSignals({ servers: [server] })
