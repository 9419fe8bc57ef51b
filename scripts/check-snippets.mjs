// Type-checks the TypeScript in the READMEs. A block with an import starts a module. A block without one continues it.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const folderName = '.snippets'
// A package's README can import what the package can. The root's can import what the benchmarks can: all packages.
const homeOfRoot = join(root, 'packages', 'bench')

const readmes = [
  'README.md',
  'docs/security.md',
  'docs/composing-by-hand.md',
  ...readmesBelow('packages'),
  ...readmesBelow('examples'),
]
const folders = new Set()
let count = 0
try {
  for (const readme of readmes) writeSnippets(readme)
  writeFileSync(
    join(root, 'tsconfig.snippets.json'),
    JSON.stringify({
      extends: './tsconfig.base.json',
      compilerOptions: { lib: ['es2023', 'esnext.disposable', 'dom'] },
      include: [...folders].map((folder) => `${folder}/*.ts`),
    }),
  )
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.snippets.json'], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status === 0) console.log(`${count} snippets in ${readmes.length} READMEs are correct`)
  process.exitCode = status ?? 1
} finally {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  rmSync(join(root, 'tsconfig.snippets.json'), { force: true })
}

/** @param {string} folder */
function readmesBelow(folder) {
  return readdirSync(join(root, folder))
    .map((name) => `${folder}/${name}/README.md`)
    .filter((readme) => existsSync(join(root, readme)))
}

/** @param {string} readme */
function writeSnippets(readme) {
  const blocks = [...readFileSync(join(root, readme), 'utf8').matchAll(/^```ts\n(.*?)^```/gms)].map(
    ([, code = '']) => code,
  )
  /** @type {string[]} */
  const modules = []
  for (const block of blocks) {
    if (/^import /m.test(block) || modules.length === 0) modules.push(block)
    else modules[modules.length - 1] += `\n${block}`
  }
  if (modules.length === 0) return
  const isOfRoot = readme === 'README.md' || readme.startsWith('docs/')
  const home = isOfRoot ? homeOfRoot : dirname(join(root, readme))
  const folder = join(home, folderName)
  mkdirSync(folder, { recursive: true })
  folders.add(folder)
  const stem = isOfRoot ? readme.replace(/\W/g, '-') : 'readme'
  for (const [index, code] of modules.entries()) {
    // Others may import a block that begins with its file's name.
    const [, name = `${stem}-${index}.ts`] = /^\/\/ ([\w.-]+\.ts)$/m.exec(code.split('\n', 1)[0] ?? '') ?? []
    writeFileSync(join(folder, name), `${code}\nexport {}\n`)
  }
  count += modules.length
}
