import { existsSync } from 'node:fs'
import { unpackChromium } from './unpack-chromium.ts'
import type { Browser } from './unpack-chromium.ts'

const usualPaths = [
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** Returns `KT_CHROMIUM`, else the installed Chrome or Chromium, else a package's Chromium for Linux on x64. */
export async function findBrowser(): Promise<Browser> {
  const chosen = process.env['KT_CHROMIUM']
  const executablePath = chosen === undefined || chosen === '' ? usualPaths.find(existsSync) : chosen
  if (executablePath !== undefined) return { executablePath, env: {} }
  if (process.platform === 'linux' && process.arch === 'x64') return unpackChromium()
  throw new Error(
    'No browser was found: install Google Chrome or Chromium, or set KT_CHROMIUM to the path of its binary',
  )
}
