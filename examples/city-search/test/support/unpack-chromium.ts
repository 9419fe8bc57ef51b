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
// Raise this number when the unpacked result changes.
const folder = join(cache, `chromium-${version}-1`)
const unpack = `await (await import('@sparticuz/chromium')).default.executablePath()`

/** Unpacks the browser with its libraries and fonts from the package, once. */
export async function unpackChromium(): Promise<Browser> {
  if (!existsSync(folder)) await unpackInto(folder)
  const env = { LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'), FONTCONFIG_PATH: join(folder, 'fonts') }
  return { executablePath: join(folder, 'chromium'), env }
}

/** The package unpacks into the temporary folder, so this uses its own one. Moves a complete result to its place. */
async function unpackInto(target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true })
  const draft = await mkdtemp(`${target}-`)
  try {
    // In a cloud function the package also unpacks the libraries, which a bare system may lack.
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

/** Replaces the package's font configuration, which uses the temporary folder. Chromium exits without any font. */
function fontsConfiguration(fonts: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${fonts}</dir>
  <cachedir>${join(fonts, 'cache')}</cachedir>
</fontconfig>
`
}
