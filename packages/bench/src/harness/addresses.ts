/** Service addresses. They are passed to the processes as JSON. */
export interface Addresses {
  readonly brokers: string[]
  readonly elasticsearchUrl: string
  readonly databaseUrl: string
}
