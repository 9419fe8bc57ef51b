/**
 * The internal of kafkajs that `quietRequestQueues` mends. A literal `import`, which Node, bundlers and CommonJS builds
 * all resolve to the kafkajs beside this package.
 */
export function loadRequestQueue(): Promise<unknown> {
  // @ts-expect-error kafkajs has no types for it.
  return import('kafkajs/src/network/requestQueue/index.js')
}
