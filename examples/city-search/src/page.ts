import { defaultLogger } from '@kt/core'
import { createSync } from '@kt/sync'
import config from '../kt.config.ts'
import { startWeb } from './web/server.ts'

const sync = createSync(config)
await sync.start()
const web = await startWeb(sync, defaultLogger)
console.log(`running at ${web.url}`)
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void shutdown())

async function shutdown(): Promise<void> {
  await web.close()
  await sync.shutdown()
}
