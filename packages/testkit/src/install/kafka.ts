import type { InstallOptions, JavaService } from './java-service.ts'
import { installJavaService } from './java-service.ts'

const version = '4.3.1'

export function installKafka(options: InstallOptions): Promise<JavaService> {
  return installJavaService(
    {
      title: `Kafka ${version}`,
      artifacts: [
        { group: 'org.apache.kafka', name: 'kafka_2.13', version },
        { group: 'org.slf4j', name: 'slf4j-simple', version: '1.7.36' },
      ],
      sources: ['KafkaLauncher'],
    },
    options,
  )
}
