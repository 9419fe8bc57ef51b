/** Messages of a cascade per request. A fan-out of 10,000 takes 20 requests. */
export const cascadeBatchSize = 500

/** Small enough for several messages per request, and for a small fan-out to have several. */
export const recordsPerMessage = 100
