import type { Case } from './case.ts'
import { newestNode } from './versions.ts'

export const peerCases: readonly Case[] = [
  {
    name: 'peers-lowest',
    what: 'the lowest versions of the peers: kafkajs 2.2.4, sequelize 6.37.0, @elastic/elasticsearch 8.0.0',
    flavour: 'cjs',
    dependencies: { kafkajs: '2.2.4', sequelize: '6.37.0', '@elastic/elasticsearch': '8.0.0' },
  },
  {
    name: 'peers-newest',
    what: 'the newest versions of the peers, on Node 24: kafkajs 2.2.4, sequelize 6.37.8, @elastic/elasticsearch 9.5.1',
    flavour: 'cjs',
    dependencies: { kafkajs: '2.2.4', sequelize: '6.37.8', '@elastic/elasticsearch': '9.5.1' },
    node: newestNode,
  },
]
