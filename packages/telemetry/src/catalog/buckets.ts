/** For single requests to Kafka, the database and the search engine, in milliseconds. */
export const requestBuckets: readonly number[] = [
  1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000,
]

/** For how late something is, in milliseconds: up to an hour, because an outage adds to it. */
export const delayBuckets: readonly number[] = [
  10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000,
]

/** For request bodies, in bytes. */
export const byteBuckets: readonly number[] = [
  1_000, 10_000, 100_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 100_000_000,
]
