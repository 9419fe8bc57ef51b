import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import ts from 'typescript'
import type { Case } from '../cases/case.ts'
import { applicationFolder, filesFolder } from './paths.ts'

/** Copies the application into the folder, in the form that the case requires, with the files of the case. */
export async function writeApp(each: Case, folder: string): Promise<void> {
  const app = join(folder, 'app')
  await rm(app, { recursive: true, force: true })
  const names = await readdir(applicationFolder, { recursive: true })
  for (const name of names.filter((name) => name.endsWith('.ts'))) {
    const source = await readFile(join(applicationFolder, name), 'utf8')
    await writeTo(join(app, targetName(each, name)), transformed(each, source))
  }
  for (const file of each.files ?? []) await cp(join(filesFolder, file), join(folder, basename(file)))
}

async function writeTo(file: string, content: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, content)
}

function targetName({ flavour }: Case, name: string): string {
  return flavour === 'ts' ? name : name.replace(/\.ts$/, '.js')
}

function transformed({ flavour, importEnding = '.js', reroutedImports = {} }: Case, source: string): string {
  const rerouted = Object.entries(reroutedImports).reduce(
    (text, [from, to]) => text.replaceAll(`from '${from}'`, `from '${to}'`),
    source,
  )
  const imports = rerouted.replaceAll(/from '(\.[^']*)\.ts'/g, `from '$1${importEnding}'`)
  if (flavour === 'ts') return imports
  const { outputText } = ts.transpileModule(imports, {
    compilerOptions: {
      module: flavour === 'esm' ? ts.ModuleKind.ESNext : ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2023,
      esModuleInterop: true,
    },
  })
  return outputText
}
