import type { InstallOptions, JavaService } from './java-service.ts'
import { installJavaService } from './java-service.ts'

const version = '3.3.2'

export function installOpenSearch(options: InstallOptions): Promise<JavaService> {
  return installJavaService(
    {
      title: `OpenSearch ${version}`,
      artifacts: [
        { group: 'org.opensearch', name: 'opensearch', version },
        { group: 'org.opensearch.plugin', name: 'transport-netty4-client', version },
        { group: 'org.apache.logging.log4j', name: 'log4j-core', version: '2.21.0' },
      ],
      sources: ['OpenSearchLauncher'],
    },
    options,
  )
}
