/** Where the services are: it travels to the processes as JSON. */
export interface Addresses {
  readonly brokers: string[]
  readonly elasticsearchUrl: string
  readonly databaseUrl: string
}
