import { installElasticsearch } from '../install/elasticsearch.ts'
import type { SearchServerOptions } from './search-server.ts'
import { SearchServer } from './search-server.ts'

/** One Elasticsearch node without the modules of its distribution: no painless, no reindex, no update by query. */
export class ElasticsearchServer extends SearchServer {
  constructor(options: SearchServerOptions = {}) {
    const engine = {
      name: 'Elasticsearch',
      configFile: 'elasticsearch.yml',
      launcher: 'ElasticsearchLauncher',
      settings: {},
      install: installElasticsearch,
    }
    super(engine, options)
  }
}
