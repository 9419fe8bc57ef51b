/** Service addresses. */
export interface Addresses {
  readonly brokers: readonly string[]
  readonly elasticsearchUrl: string
  readonly databaseUrl: string
}

/** Settings of every role in one world. They are sent to the processes as JSON. */
export interface WorldSettings extends Addresses {
  readonly topics: {
    readonly cities: string
    readonly countries: string
    readonly delay: string
    readonly lane: string
  }
  readonly indexes: { readonly cities: string; readonly countries: string }
  readonly groups: Groups
  /** The delay of the Delayer. */
  readonly delayMs: number
  /** How soon a killed worker is replaced. */
  readonly sessionTimeoutMs: number
}

/** The consumer groups. */
interface Groups {
  readonly delayer: string
  readonly citiesOfCountries: string
  /** The group of the lane for large cascades. */
  readonly lane: string
  readonly countriesOfCities: string
  readonly cityIndexer: string
  readonly countryIndexer: string
}

export const roleNames = ['writer', 'indexer', 'delayer', 'cascader'] as const

/** The processes of a world. */
export type RoleName = (typeof roleNames)[number]
