/** What every application installs beside the packages, unless its case says otherwise. */
export const peers = {
  '@elastic/elasticsearch': '9.4.3',
  kafkajs: '2.2.4',
  pg: '8.23.1',
  sequelize: '6.37.8',
}
