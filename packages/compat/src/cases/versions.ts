/** What every application installs beside the packages, unless its case says otherwise. */
export const peers = {
  '@elastic/elasticsearch': '9.4.3',
  kafkajs: '2.2.4',
  pg: '8.23.1',
  'pg-hstore': '2.3.4',
  sequelize: '6.37.8',
}

/** Each by the npm package that carries its binary: the first that is supported, and the newest of the others. */
export const lowestNode = '20.19.0'
export const node22 = '22.23.5'
export const newestNode = '24.22.3'
