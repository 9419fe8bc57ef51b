export interface KafkaPorts {
  readonly broker: number
  readonly controller: number
  /** Port of the secured listener, if there is one. */
  readonly secured?: number
}

/** Builds the `server.properties` of one node that is both broker and controller. */
export function kafkaProperties(
  nodeId: number,
  nodes: readonly KafkaPorts[],
  dataFolder: string,
  overrides: Readonly<Record<string, string>>,
): string {
  const ports = nodes[nodeId - 1]
  if (ports === undefined) throw new RangeError(`There is no node ${nodeId}`)
  const replicas = String(nodes.length)
  const inSync = nodes.length === 1 ? '1' : '2'
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': String(nodeId),
    'controller.quorum.voters': nodes
      .map(({ controller }, i) => `${i + 1}@127.0.0.1:${controller}`)
      .join(','),
    'controller.listener.names': 'CONTROLLER',
    listeners: [...clientListeners(ports), `CONTROLLER://127.0.0.1:${ports.controller}`].join(','),
    'advertised.listeners': clientListeners(ports).join(','),
    'log.dirs': dataFolder,
    'num.partitions': '1',
    'default.replication.factor': replicas,
    'min.insync.replicas': inSync,
    'group.initial.rebalance.delay.ms': '0',
    ...internalTopics('offsets.topic', '4', replicas),
    ...internalTopics('transaction.state.log', '4', replicas, inSync),
    ...internalTopics('share.coordinator.state.topic', '1', replicas, inSync),
    // How soon a killed broker is detected, and how soon it may come back. The default is 9 s.
    'broker.heartbeat.interval.ms': '500',
    'broker.session.timeout.ms': '2500',
    // The default takes a quarter of our small heap.
    'log.cleaner.dedupe.buffer.size': '16777216',
    ...overrides,
  }
  return (
    Object.entries(properties)
      // A line break, as in a certificate, would end the property.
      .map(([key, value]) => `${key}=${value.replaceAll('\n', String.raw`\n`)}\n`)
      .join('')
  )
}

function clientListeners({ broker, secured }: KafkaPorts): string[] {
  const plain = `PLAINTEXT://127.0.0.1:${broker}`
  return secured === undefined ? [plain] : [plain, `SASL_SSL://127.0.0.1:${secured}`]
}

function internalTopics(
  prefix: string,
  partitions: string,
  replicas: string,
  inSync?: string,
): Record<string, string> {
  return {
    [`${prefix}.num.partitions`]: partitions,
    [`${prefix}.replication.factor`]: replicas,
    ...(inSync !== undefined && { [`${prefix}.min.isr`]: inSync }),
  }
}
