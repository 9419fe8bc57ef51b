/** So many messages of a cascade go in one request: a fan-out of 10,000 takes 20. */
export const cascadeBatchSize = 500
