/** Installed by every application in addition to the packages, unless its case overrides it. */
export const peers = {
  '@elastic/elasticsearch': '9.4.3',
  kafkajs: '2.2.4',
  pg: '8.23.1',
  'pg-hstore': '2.3.4',
  sequelize: '6.37.8',
}

/** Versions of the npm package with Node's binary: the first supported one, and the newest of the others. */
export const lowestNode = '20.19.0'
export const node22 = '22.23.5'
export const newestNode = '24.22.3'
