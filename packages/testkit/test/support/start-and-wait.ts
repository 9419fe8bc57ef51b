import { KafkaCluster, PostgresServer } from 'testkit'

/** Starts services and then does nothing, for a test that ends this process in a rude way. */
const services = process.argv.includes('--kafka')
  ? [new PostgresServer(), new KafkaCluster()]
  : [new PostgresServer()]
await Promise.all(services.map((service) => service.start()))
// What stands still can't notice that it is alone.
for (const service of services) service.pause()
process.stdout.write('started\n')
setInterval(() => undefined, 60_000)
