/**
 * Loads the internal of kafkajs that `quietRequestQueues` fixes. Node, bundlers and CommonJS builds all resolve the
 * literal `import` to the kafkajs that this package uses.
 */
export function loadRequestQueue(): Promise<unknown> {
  // @ts-expect-error kafkajs has no types for it.
  return import('kafkajs/src/network/requestQueue/index.js')
}
