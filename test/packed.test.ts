import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** Every public package is installed from its tarball, alone with its peers, as a user would. */

const run = promisify(execFile)
const root = new URL('..', import.meta.url).pathname
const packages = ['core', 'producer', 'consumer', 'indexer', 'delayer', 'cascader', 'sequelize-stream']
const drivers = ['kafkajs', '@elastic/elasticsearch', '@opensearch-project/opensearch', 'sequelize']

interface Manifest {
  readonly name: string
  readonly packageManager?: string
  readonly dependencies?: Record<string, string>
  readonly peerDependencies?: Record<string, string>
  readonly peerDependenciesMeta?: Record<string, { optional?: boolean }>
}

let folder: string
let pnpm: string
let typescript: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kt-packed-'))
  const manifest = await readManifest(join(root, 'package.json'))
  pnpm = manifest.packageManager ?? 'pnpm'
  typescript = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  await run('node', ['scripts/run.mjs', 'build'], { cwd: root })
  await Promise.all(packages.map((name) => pack(name)))
}, 180_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

describe.each(packages)('@kt/%s from its tarball', (name) => {
  let project: string
  let manifest: Manifest
  let peers: string[]

  beforeAll(async () => {
    manifest = await readManifest(join(root, 'packages', name, 'package.json'))
    peers = Object.keys(manifest.peerDependencies ?? {}).filter(
      (peer) => manifest.peerDependenciesMeta?.[peer]?.optional !== true,
    )
    project = await install(name, manifest, peers)
  }, 120_000)

  it('can be imported and required', async () => {
    const show = `Object.keys(kt).sort().join()`
    const imported = await run(
      'node',
      ['--input-type=module', '-e', `import * as kt from '@kt/${name}'; console.log(${show})`],
      { cwd: project },
    )
    const required = await run(
      'node',
      ['--input-type=commonjs', '-e', `const kt = require('@kt/${name}'); console.log(${show})`],
      { cwd: project },
    )
    expect(imported.stdout.trim()).not.toBe('')
    expect(required.stdout).toBe(imported.stdout)
  })

  it('brings its types, for ESM and CommonJS', async () => {
    await writeFile(
      join(project, 'esm.mts'),
      `import * as kt from '@kt/${name}'\nexport const all: object = kt\n`,
    )
    await writeFile(
      join(project, 'cjs.cts'),
      `import kt = require('@kt/${name}')\nexport const all: object = kt\n`,
    )
    const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--types', 'node']
    await expect(
      run('node', [typescript, ...flags, 'esm.mts', 'cjs.cts'], { cwd: project }),
    ).resolves.toBeDefined()
  })

  it('pulls in no driver but its own peer', async () => {
    const installed = await readFile(join(project, 'pnpm-lock.yaml'), 'utf8')
    const found = drivers.filter((driver) => installed.includes(`${driver}@`))
    expect(found).toEqual(peers.filter((peer) => drivers.includes(peer)))
  })

  it('depends on core and on nothing else of ours', () => {
    expect(Object.keys(manifest.dependencies ?? {})).toEqual(name === 'core' ? [] : ['@kt/core'])
  })
})

async function pack(name: string): Promise<void> {
  await run('npx', ['--yes', pnpm, 'pack', '--out', tarball(name)], { cwd: join(root, 'packages', name) })
}

async function install(name: string, manifest: Manifest, peers: readonly string[]): Promise<string> {
  const project = join(folder, `project-${name}`)
  await mkdir(project)
  const versions = peers.map((peer) => [peer, manifest.peerDependencies?.[peer] ?? '*'])
  const dependencies = {
    [manifest.name]: `file:${tarball(name)}`,
    ...(Object.fromEntries(versions) as object),
  }
  await writeFile(
    join(project, 'package.json'),
    // The Node types are the scratch project's own: what a TypeScript user of Node has.
    JSON.stringify({ private: true, dependencies, devDependencies: { '@types/node': '^20' } }),
  )
  const overrides = `overrides:\n  '@kt/core': file:${tarball('core')}\nautoInstallPeers: false\n`
  await writeFile(join(project, 'pnpm-workspace.yaml'), overrides)
  await run('npx', ['--yes', pnpm, 'install', '--prefer-offline', '--ignore-scripts'], { cwd: project })
  return project
}

function tarball(name: string): string {
  return join(folder, `${name}.tgz`)
}

async function readManifest(file: string): Promise<Manifest> {
  return JSON.parse(await readFile(file, 'utf8')) as Manifest
}
