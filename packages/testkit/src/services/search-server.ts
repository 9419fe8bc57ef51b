import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { InstallOptions, JavaService } from '../install/java-service.ts'
import { claimPort, freePort } from '../process/free-ports.ts'
import type { Launch } from './server-process.ts'
import { ServerProcess } from './server-process.ts'
import type { JavaServiceOptions } from './service.ts'
import { quickStartFlags } from './service.ts'

export interface SearchServerOptions extends JavaServiceOptions {
  /** @defaultValue a free one */
  readonly port?: number
  /** Additional settings for the node's configuration. */
  readonly settings?: Readonly<Record<string, string>>
}

/** Differences between the two engines. */
export interface SearchEngine {
  readonly name: string
  /** The name of the configuration file. */
  readonly configFile: string
  readonly launcher: string
  readonly settings: Readonly<Record<string, string>>
  install(options: InstallOptions): Promise<JavaService>
}

const requestTimeoutMs = 2000

const commonSettings = {
  'cluster.name': 'testkit',
  'node.name': 'testkit',
  'network.host': '127.0.0.1',
  'discovery.type': 'single-node',
  // Otherwise a nearly full disk would make all indexes read-only.
  'cluster.routing.allocation.disk.threshold_enabled': 'false',
}

const logging = `appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%c{1.}] %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
`

/** One node of Elasticsearch or OpenSearch. */
export abstract class SearchServer extends ServerProcess {
  readonly #engine: SearchEngine
  readonly #options: SearchServerOptions
  #url: string | undefined

  constructor(engine: SearchEngine, options: SearchServerOptions) {
    super(engine.name, options)
    this.#engine = engine
    this.#options = options
  }

  /** Known from the first start on. */
  get url(): string {
    if (this.#url === undefined) throw new Error(`${this.name} was not started yet`)
    return this.#url
  }

  protected override async prepare(folder: string, options: InstallOptions): Promise<Launch> {
    const { heap = '512m', jvmFlags = quickStartFlags } = this.#options
    const { java, home } = await this.#engine.install(options)
    const port = await claimPort(this.#options.port)
    this.#url = `http://127.0.0.1:${port}`
    const config = await this.#configure(folder, port, await freePort())
    const classPath = [join(home, 'classes'), join(home, 'lib', '*')].join(':')
    const args = [
      `-Xms${heap}`,
      `-Xmx${heap}`,
      ...jvmFlags,
      '--add-modules=jdk.incubator.vector',
      '--enable-native-access=ALL-UNNAMED',
      `-Djava.io.tmpdir=${join(folder, 'tmp')}`,
      '-cp',
      classPath,
      this.#engine.launcher,
      home,
      config,
    ]
    return { command: java, args, cwd: folder }
  }

  /** Ready when it has a master, and the indexes of an earlier run are open. */
  protected override async probe(): Promise<boolean> {
    const health = `${this.url}/_cluster/health?wait_for_status=yellow&timeout=1s`
    const response = await fetch(health, { signal: AbortSignal.timeout(requestTimeoutMs) })
    return response.ok
  }

  async #configure(folder: string, port: number, transportPort: number): Promise<string> {
    const config = join(folder, 'config')
    for (const each of [config, join(folder, 'tmp')]) await mkdir(each, { recursive: true })
    const settings = {
      ...commonSettings,
      'http.port': String(port),
      'transport.port': String(transportPort),
      'path.data': join(folder, 'data'),
      'path.logs': join(folder, 'logs'),
      ...this.#engine.settings,
      ...this.#options.settings,
    }
    // JSON is valid YAML, and takes care of quoting.
    await writeFile(join(config, this.#engine.configFile), JSON.stringify(settings, undefined, 2))
    await writeFile(join(config, 'log4j2.properties'), logging)
    return config
  }
}
