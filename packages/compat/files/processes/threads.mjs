// The application in one thread, and more of its workers in another: none in the main thread.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

const workers = new Worker('./app/second.js')
await once(workers, 'message')
const application = new Worker('./app/main.js')
const [code] = await once(application, 'exit')
await workers.terminate()
process.exitCode = code
