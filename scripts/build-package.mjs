// Builds the package in the current folder twice: ES modules into dist/esm, CommonJS into dist/cjs. With --command, it
// builds ES modules into dist alone, because nobody imports a command.
import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')

// Everything in dist is published, so files of removed sources must not stay there.
rmSync('dist', { recursive: true, force: true })
const isCommand = process.argv.includes('--command')
for (const config of ['tsconfig.build.json', ...(isCommand ? [] : ['tsconfig.cjs.json'])]) {
  const { status } = spawnSync(process.execPath, [tsc, '-p', config], { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
// The package itself has "type": "module"; this file makes Node and TypeScript read dist/cjs as CommonJS.
if (!isCommand) writeFileSync(join('dist', 'cjs', 'package.json'), '{ "type": "commonjs" }\n')
