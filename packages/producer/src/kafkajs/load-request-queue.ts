/**
 * Loads the internal of kafkajs that `quietRequestQueues` fixes. Node, bundlers and CommonJS builds all resolve a
 * literal `import` to the kafkajs beside this package.
 */
export function loadRequestQueue(): Promise<unknown> {
  // @ts-expect-error kafkajs has no types for it.
  return import('kafkajs/src/network/requestQueue/index.js')
}
