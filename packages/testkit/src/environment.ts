import { servicesUnavailable } from './errors.ts'

/** Environment variables with the addresses of the services, for tests, benchmarks and examples. */
export const environmentNames = {
  kafka: 'KT_KAFKA_BROKERS',
  elasticsearch: 'KT_ELASTICSEARCH_URL',
  opensearch: 'KT_OPENSEARCH_URL',
  database: 'KT_DATABASE_URL',
} as const

export type ServiceName = keyof typeof environmentNames

/** Returns the service's address, if the environment sets it. */
export function findAddress(service: ServiceName): string | undefined {
  const value = process.env[environmentNames[service]]
  return value === '' ? undefined : value
}

/** @throws UnavailableError */
export function requireAddress(service: ServiceName): string {
  const address = findAddress(service)
  if (address !== undefined) return address
  throw servicesUnavailable(
    `${environmentNames[service]} is not set: is testkit/global-setup among the globalSetup files of this project?`,
  )
}
