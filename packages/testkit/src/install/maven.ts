import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { servicesUnavailable } from '../errors.ts'
import type { Progress } from '../progress.ts'
import { runCommand } from './run-command.ts'

export interface Artifact {
  readonly group: string
  readonly name: string
  readonly version: string
}

export interface CopyJarsOptions {
  /** Name of the product, for progress messages. */
  readonly title: string
  readonly artifacts: readonly Artifact[]
  readonly folder: string
  readonly onProgress: Progress
  readonly signal?: AbortSignal | undefined
}

/**
 * Copies the artifacts and all their dependencies into the folder.
 *
 * @throws UnavailableError
 */
export async function copyJars(options: CopyJarsOptions): Promise<void> {
  const { title, artifacts, folder, onProgress, signal } = options
  const project = await mkdtemp(join(tmpdir(), 'kt-maven-'))
  let count = 0
  try {
    await writeFile(join(project, 'pom.xml'), pom(artifacts))
    onProgress(`${title}: downloading`)
    const args = [
      '-B',
      'dependency:copy-dependencies',
      `-DoutputDirectory=${folder}`,
      '-DincludeScope=runtime',
    ]
    await runCommand('mvn', args, {
      cwd: project,
      signal,
      onLine: (line) => {
        const jar = /Downloaded from .*\/([^/ ]+\.jar) \((.*?)(?: at .*)?\)/.exec(line)
        if (jar !== null) onProgress(`${title}: ${++count} downloaded, ${jar[1]} (${jar[2]})`)
      },
    })
  } catch (error) {
    signal?.throwIfAborted()
    if (isMissing(error)) {
      throw servicesUnavailable(`Maven is missing: the command "mvn" is not on the path.`, error)
    }
    throw servicesUnavailable(`${title} could not be downloaded by Maven.`, error)
  } finally {
    await rm(project, { recursive: true, force: true })
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}

function pom(artifacts: readonly Artifact[]): string {
  const dependencies = artifacts.map(
    ({ group, name, version }) =>
      `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`,
  )
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>testkit</groupId><artifactId>jars</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>${dependencies.join('')}</dependencies>
</project>
`
}
