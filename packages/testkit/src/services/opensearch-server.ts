import { installOpenSearch } from '../install/opensearch.ts'
import type { SearchServerOptions } from './search-server.ts'
import { SearchServer } from './search-server.ts'

/** One OpenSearch node without the plugins of its distribution. */
export class OpenSearchServer extends SearchServer {
  constructor(options: SearchServerOptions = {}) {
    const engine = {
      name: 'OpenSearch',
      configFile: 'opensearch.yml',
      launcher: 'OpenSearchLauncher',
      settings: { 'transport.type': 'netty4', 'http.type': 'netty4' },
      install: installOpenSearch,
    }
    super(engine, options)
  }
}
