/** So many messages of a cascade go in one request: a fan-out of 10,000 takes 20. */
export const cascadeBatchSize = 500

/** Few enough for a request to have several such messages, and for a small fan-out to have some. */
export const recordsPerMessage = 100
