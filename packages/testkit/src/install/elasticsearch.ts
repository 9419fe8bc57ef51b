import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { InstallOptions, JavaService } from './java-service.ts'
import { installJavaService } from './java-service.ts'
import type { Jdk } from './jdk.ts'
import { runCommand } from './run-command.ts'

const version = '9.2.2'
const descriptorName = 'plugin-descriptor.properties'

export function installElasticsearch(options: InstallOptions): Promise<JavaService> {
  return installJavaService(
    {
      title: `Elasticsearch ${version}`,
      artifacts: [
        { group: 'org.elasticsearch', name: 'elasticsearch', version },
        { group: 'org.elasticsearch.plugin', name: 'transport-netty4', version },
      ],
      sources: ['ElasticsearchLauncher', 'RootPlugin'],
      revision: 1,
      arrange: async (home, jdk) => {
        await arrangeNettyModule(home, jdk)
        await arrangeRootModule(home, jdk)
      },
    },
    options,
  )
}

/** Moves the network layer into a module folder, because the node does not look for it on the class path. */
async function arrangeNettyModule(home: string, jdk: Jdk): Promise<void> {
  const lib = join(home, 'lib')
  const module = join(home, 'modules/transport-netty4')
  await mkdir(module, { recursive: true })
  const jars = (await readdir(lib)).filter((name) => /^(?:transport-)?netty/.test(name))
  for (const jar of jars) await rename(join(lib, jar), join(module, jar))
  const inside = 'META-INF/es-plugins/transport-netty4'
  const archive = join(module, `transport-netty4-${version}.jar`)
  await runCommand(join(jdk.home, 'bin/jar'), ['xf', archive, inside], { cwd: home })
  for (const name of ['entitlement-policy.yaml', descriptorName]) {
    await rename(join(home, inside, name), join(module, name))
  }
  await rm(join(home, 'META-INF'), { recursive: true })
  const descriptor = await readFile(join(module, descriptorName), 'utf8')
  // Without Elasticsearch's launcher there are no module layers, so the plugin must load from the class path.
  await writeFile(join(module, descriptorName), descriptor.replace(/^modulename=.*$/m, ''))
}

/** Packs our plugin as a module, because the node accepts a plugin's class only from its module's own jars. */
async function arrangeRootModule(home: string, jdk: Jdk): Promise<void> {
  const module = join(home, 'modules/testkit-root')
  await mkdir(module)
  const classes = join(home, 'classes')
  const names = (await readdir(classes)).filter((name) => name.startsWith('RootPlugin'))
  const archive = join(module, 'testkit-root.jar')
  await runCommand(join(jdk.home, 'bin/jar'), ['cf', archive, ...names], { cwd: classes })
  for (const name of names) await rm(join(classes, name))
  const lines = [
    'name=testkit-root',
    'description=Answers GET /',
    'classname=RootPlugin',
    `version=${version}`,
    `elasticsearch.version=${version}`,
    'java.version=21',
  ]
  await writeFile(join(module, descriptorName), `${lines.join('\n')}\n`)
}
