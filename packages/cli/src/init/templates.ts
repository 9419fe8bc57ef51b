export interface Names {
  /** The module with the models. */
  readonly models: string
  readonly model: string
  readonly isTypeScript: boolean
  readonly isModule: boolean
}

/** The configuration. It is CommonJS for JavaScript projects that are. */
export function configSource(names: Names): string {
  const { model } = names
  const index = `${model.charAt(0).toLowerCase()}${model.slice(1)}Index`
  return `${importsOf(names, [
    [['Client'], '@elastic/elasticsearch'],
    [['modelIndex'], '@kt/model-index'],
    [['defineConfig'], '@kt/sync'],
    [[model, 'sequelize'], names.models],
  ])}
const { KAFKA_BROKERS = 'localhost:9092', ELASTICSEARCH_URL = 'http://localhost:9200' } = process.env

const ${index} = modelIndex(${model}, {
  // The alias that you search.
  name: '${model.toLowerCase()}s',
  // The associations that the documents contain, such as ['brand']. When they change, the documents do.
  include: [],
  mappings: {},
  document: (record) => ({ id: record.get('id') }),
})

${exportOf(
  names,
  `defineConfig({
  kafka: { brokers: KAFKA_BROKERS.split(',') },
  search: new Client({ node: ELASTICSEARCH_URL }),
  sequelize,
  indexes: [${index}],
})`,
)}
`
}

/** A worker that is the same as "kt run", for those who start it by their own code. */
export function workerSource(names: Names): string {
  return `${importsOf(names, [
    [['createSync'], '@kt/sync'],
    [undefined, './kt.config', 'config'],
  ])}
// Runs all workers until SIGTERM. "npx kt run --port 9400" does the same, and serves metrics.
createSync(config)
  .run()
  .catch((error) => {
    console.error(error)
    process.exitCode = 1
  })
`
}

type Import = readonly [names: readonly string[] | undefined, from: string, defaultName?: string]

function importsOf({ isTypeScript, isModule }: Names, imports: readonly Import[]): string {
  const isCommonJs = !isTypeScript && !isModule
  return imports
    .map(([names, from, defaultName]) => {
      const path = withExtension(from, isModule)
      const what = names === undefined ? String(defaultName) : `{ ${names.join(', ')} }`
      return isCommonJs ? `const ${what} = require('${path}')\n` : `import ${what} from '${path}'\n`
    })
    .join('')
}

function exportOf({ isTypeScript, isModule }: Names, value: string): string {
  return isTypeScript || isModule ? `export default ${value}` : `module.exports = ${value}`
}

/** ES modules need the extension of a file: that of the compiled one, also in TypeScript. */
function withExtension(from: string, isModule: boolean): string {
  const isFile = from.startsWith('.') || from.startsWith('/')
  if (!isFile || !isModule) return from
  return `${from.replace(/\.[cm]?[jt]s$/u, '')}.js`
}

/** Kafka and Elasticsearch for development. */
export const compose = `# Kafka and Elasticsearch for development: docker compose -f compose.kt.yaml up -d
services:
  kafka:
    image: apache/kafka:4.3.1
    ports: ['9092:9092']
  elasticsearch:
    image: docker.elastic.co/elasticsearch/elasticsearch:9.2.2
    environment:
      discovery.type: single-node
      xpack.security.enabled: 'false'
      ES_JAVA_OPTS: -Xms512m -Xmx512m
    ports: ['9200:9200']
`
