import { KafkaCluster, PostgresServer } from 'testkit'

/** Starts services and then does nothing, for a test that kills this process. */
const services = process.argv.includes('--kafka')
  ? [new PostgresServer(), new KafkaCluster()]
  : [new PostgresServer()]
await Promise.all(services.map((service) => service.start()))
// A paused process can't notice that its parent is gone.
for (const service of services) service.pause()
process.stdout.write('started\n')
setInterval(() => undefined, 60_000)
