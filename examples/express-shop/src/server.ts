import { app } from './app.ts'
import { sync } from './sync.ts'

await sync.start()
const server = app.listen(Number(process.env['PORT'] ?? 3000), () =>
  console.log('Listening', server.address()),
)
sync.shutdownOnSignals({ servers: [server] })
