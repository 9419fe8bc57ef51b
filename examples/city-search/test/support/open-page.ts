import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import type { Page } from 'playwright-core'
import { findBrowser } from './find-browser.ts'

export interface OpenPage {
  readonly page: Page
  /** Errors of the page: script errors and failed requests. */
  readonly errors: readonly string[]
  close(): Promise<void>
}

/** Opens a headless browser that connects only to the page. */
export async function openPage(url: string): Promise<OpenPage> {
  const { executablePath, env } = await findBrowser()
  const profile = await mkdtemp(join(tmpdir(), 'kt-chromium-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    env: { ...process.env, ...env },
    // The sandbox does not start as root, as in many containers.
    chromiumSandbox: false,
    args: [
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  const page = await context.newPage()
  const errors: string[] = []
  page.on('pageerror', ({ message }) => errors.push(message))
  page.on('console', (line) => line.type() === 'error' && errors.push(line.text()))
  await page.goto(url)
  return {
    page,
    errors,
    close: async () => {
      await context.close()
      await rm(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
