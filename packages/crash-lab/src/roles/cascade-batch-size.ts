/** Records of a cascade per page. A fan-out of 10,000 takes 20 pages. */
export const cascadeBatchSize = 500

/** Small enough for several messages per request, and for a small fan-out to have several. */
export const recordsPerMessage = 100
