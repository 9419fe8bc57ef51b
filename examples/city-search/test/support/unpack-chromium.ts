import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export interface Browser {
  readonly executablePath: string
  readonly env: Readonly<Record<string, string>>
}

const manifest = new URL('../../node_modules/@sparticuz/chromium/package.json', import.meta.url)
const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
const cache = process.env['KT_CACHE_DIR'] ?? join(homedir(), '.cache', 'kt')
// The number is raised when what is made of the package changes.
const folder = join(cache, `chromium-${version}-1`)
const unpack = `await (await import('@sparticuz/chromium')).default.executablePath()`

/** Unpacks the browser and the libraries and fonts that it needs out of the package, once. */
export async function unpackChromium(): Promise<Browser> {
  if (!existsSync(folder)) await unpackInto(folder)
  const env = { LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'), FONTCONFIG_PATH: join(folder, 'fonts') }
  return { executablePath: join(folder, 'chromium'), env }
}

/** The package unpacks into the temporary folder, so that is ours; one that is complete is moved to its place. */
async function unpackInto(target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true })
  const draft = await mkdtemp(`${target}-`)
  try {
    // Where it believes to be in a cloud function it also unpacks the libraries, which a bare system may lack.
    const env = { ...process.env, TMPDIR: draft, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' }
    const cwd = dirname(fileURLToPath(import.meta.url))
    await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', unpack], { cwd, env })
    await writeFile(join(draft, 'fonts', 'fonts.conf'), fontsConfiguration(join(target, 'fonts')))
    await rename(draft, target)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    // Another process may have been faster.
    if (!existsSync(target)) throw error
  }
}

/** The package's own one looks for its fonts in the temporary folder; without any font Chromium ends itself. */
function fontsConfiguration(fonts: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${fonts}</dir>
  <cachedir>${join(fonts, 'cache')}</cachedir>
</fontconfig>
`
}
