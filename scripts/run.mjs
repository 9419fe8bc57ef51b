// The entry point of every root script. It only needs Node, because a fresh clone has no dependencies yet.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const fromSource = ['--conditions=@kt/source', '--import', 'tsx']

/** @type {Record<string, string[][]>} the commands of each script; the caller's arguments go to the last */
const scripts = {
  start: [['node', ...fromSource, 'examples/city-search/src/main.ts']],
  test: [['vitest', 'run']],
  'crash-matrix': [['node', ...fromSource, 'packages/crash-lab/src/crash-matrix.ts']],
  chaos: [['node', ...fromSource, 'packages/crash-lab/src/chaos.ts']],
  'reindex-rounds': [['node', ...fromSource, 'packages/crash-lab/src/reindex-rounds.ts']],
  compat: [['node', ...fromSource, 'packages/compat/src/compat.ts']],
  // Measures the published build and not the sources through a loader.
  bench: [
    ['turbo', 'run', 'build', '--filter=./packages/*', '--output-logs=errors-only'],
    ['node', '--import', 'tsx', 'packages/bench/src/bench.ts'],
  ],
  build: [['turbo', 'run', 'build']],
  // The examples use the packages as they are published, so their types need the builds.
  lint: [
    ['turbo', 'run', 'build', '--filter=./packages/*', '--output-logs=errors-only'],
    ['oxlint', '--type-aware', '--deny-warnings'],
    ['prettier', '--check', '--log-level', 'warn', '.'],
  ],
  format: [['prettier', '--write', '--log-level', 'warn', '.']],
  check: [
    ['node', 'scripts/run.mjs', 'lint'],
    ['node', 'scripts/check-snippets.mjs'],
    ['tsc', '-p', 'tsconfig.json'],
    ['tsc', '-p', 'examples/city-search/tsconfig.json'],
    ['tsc', '-p', 'examples/quick-start/tsconfig.json'],
    ['tsc', '-p', 'examples/express-shop/tsconfig.json'],
    ['turbo', 'run', 'package-lint'],
    ['knip'],
  ],
}

const [name = '', ...args] = process.argv.slice(2)
const commands = scripts[name]
if (!commands) {
  console.error(`Unknown script "${name}". There are: ${Object.keys(scripts).join(', ')}`)
  process.exit(2)
}
requireNode()
installDependencies()
if (name === 'test')
  console.error(
    args.length === 0
      ? 'All tests take 20 to 27 minutes on two cores. `npm test -- packages/indexer` runs those of one package, `npm test -- --project unit` those without services.'
      : `Tests that match: ${args.join(' ')}`,
  )
for (const [index, command] of commands.entries()) {
  const status = await run([...command, ...(index === commands.length - 1 ? args : [])])
  if (status !== 0) process.exit(status)
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  console.error(`Node ${process.versions.node} is too old: 20.19 or newer is needed.`)
  process.exit(1)
}

/** Installs if nothing is installed yet, or if the lock file has changed since. */
function installDependencies() {
  const installed = join(root, 'node_modules', '.modules.yaml')
  const lockFile = join(root, 'pnpm-lock.yaml')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lockFile).mtimeMs) return
  console.error('Installing dependencies …')
  // Uses npx, so that pnpm need not be installed. Takes the version in package.json, because pnpm refuses others.
  const { status } = spawnSync('npx', ['--yes', packageManager, 'install', '--frozen-lockfile'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (status !== 0) process.exit(status ?? 1)
}

/** @param {string[]} command */
function run([program = '', ...rest]) {
  const [file = '', ...args] = commandLine(program, rest)
  const child = spawn(file, args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' })
  // The terminal sends Ctrl-C to the child as well. This process only waits for it to finish cleanly.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  endWithParent(() => child.kill('SIGTERM'))
  return new Promise((resolve) => {
    child.on('close', (code, signal) => resolve(code ?? (signal ? 1 : 0)))
  })
}

/**
 * Calls `end` when npm is gone. It sends SIGTERM to its shell, which ends without passing it on. This process then has
 * another parent.
 *
 * @param {() => void} end
 */
function endWithParent(end) {
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    end()
  }, 500).unref()
}

/**
 * @param {string} program
 * @param {string[]} args
 */
function commandLine(program, args) {
  if (program === 'node') return [process.execPath, ...args]
  // turbo calls pnpm for each package. Inside `pnpm exec` pnpm is available.
  if (program === 'turbo') return ['npx', '--yes', packageManager, 'exec', 'turbo', ...args]
  return [join(root, 'node_modules', '.bin', program), ...args]
}
