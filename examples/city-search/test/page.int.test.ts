import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { openPage } from './support/open-page.ts'
import type { OpenPage } from './support/open-page.ts'
import { startApp } from './support/start-app.ts'
import type { TestApp } from './support/start-app.ts'

let app: TestApp
let opened: OpenPage
let page: Page

beforeAll(async () => {
  app = await startApp(import.meta.url)
  opened = await openPage(app.url)
  page = opened.page
})
afterAll(async () => {
  await opened.close()
  await app.close()
})
beforeEach(() => page.goto(app.url))

/** Resolves when exactly these cities are listed. */
async function listed(...names: string[]): Promise<void> {
  const shown = page.locator('#results .name')
  await app.scope.waitFor(async () => (await shown.allTextContents()).join() === names.join(), {
    what: `The list ${names.join(', ')}`,
  })
}

async function search(text: string): Promise<void> {
  await page.getByRole('searchbox').fill(text)
}

/** In the open dialog. */
function nameField(): ReturnType<Page['locator']> {
  return page.getByRole('dialog').getByRole('textbox', { name: 'Name' })
}

function lastChange(): ReturnType<Page['locator']> {
  return page.locator('#changes li').first()
}

it('searches as you type, and filters by country', async () => {
  await search('ber')
  await listed('Bern', 'Berlin', 'Bernau bei Berlin', 'Bern', 'Berlin')
  await page.getByRole('combobox').selectOption('United States')
  await listed('Bern', 'Berlin')
  await expect.poll(() => page.locator('#summary').textContent()).toMatch(/^2 cities, found in \d+ ms$/)
})

it('edits a city, and shows when it is indexed', async () => {
  await search('winter')
  await page.getByRole('button', { name: /Winterthur/ }).click()
  await nameField().fill('Winti')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await lastChange().getByText('Winterthur is now Winti').waitFor()
  await lastChange()
    .getByText(/indexed, searchable after/)
    .waitFor()
  expect(await lastChange().locator('.badge').textContent()).toMatch(/^\d+ ms$/)
  await search('winti')
  await listed('Winti')
})

it('deletes a city after a confirmation', async () => {
  await search('zwei')
  await page.getByRole('button', { name: /Zweibrücken/ }).click()
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('button', { name: 'Really delete?' }).click()
  await listed()
  await expect.poll(() => lastChange().locator('.title').textContent()).toBe('Zweibrücken was deleted')
})

it('renames a country, and shows the new name on all its cities', async () => {
  const select = page.getByRole('combobox')
  await select.selectOption('United States')
  await listed('New York', 'New Orleans', 'Bern', 'Berlin', 'Hamburg')
  await page.getByRole('button', { name: 'Rename country…' }).click()
  await nameField().fill('USA')
  await page.getByRole('button', { name: 'Rename', exact: true }).click()
  await lastChange().getByText('United States is now USA').waitFor()
  await lastChange()
    .getByText(/5 cities indexed/)
    .waitFor()
  const places = page.locator('#results .place')
  await expect.poll(() => places.allTextContents()).toEqual(Array(5).fill('USUSA'))
  expect(await select.locator('option:checked').textContent()).toBe('USA')
})

it('counts down to when the safety net re-sends a lost message', async () => {
  await search('basel')
  await page.getByRole('button', { name: /Basel/ }).click()
  await nameField().fill('Bâle')
  await page.getByRole('button', { name: 'Save without the instant message' }).click()
  await lastChange()
    .getByText(/heals in \d s/)
    .waitFor()
  await page.getByRole('button', { name: /Basel/ }).click()
  // Before it opens, the dialog still contains the earlier city.
  await page.getByRole('dialog').waitFor()
  const name = page.locator('#compare tr', { hasText: 'Name' }).locator('td')
  expect(await name.allTextContents()).toEqual(['Bâle', 'Basel'])
  await expect.poll(() => name.allTextContents(), { timeout: 15_000 }).toEqual(['Bâle', 'Bâle'])
  await lastChange()
    .getByText(/healed by its delay message/)
    .waitFor()
})

it('works with the keyboard alone', async () => {
  await page.keyboard.press('/')
  await page.keyboard.type('genev')
  await listed('Genève')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.type('Geneva')
  await page.keyboard.press('Enter')
  await listed('Geneva')
  expect(await page.evaluate(() => document.activeElement?.querySelector('.name')?.textContent)).toBe(
    'Geneva',
  )
  await page.keyboard.press('Escape')
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('q')
})

it('shows why a change was rejected, and keeps the input', async () => {
  await search('bern')
  await page.getByRole('button', { name: /Bernau/ }).click()
  await nameField().fill('   ')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByRole('alert').getByText('must not be empty').waitFor()
  expect(await page.getByRole('dialog').isVisible()).toBe(true)
})

it('has caused no errors in the page except rejected requests', () => {
  const unexpected = opened.errors.filter((text) => !text.includes('400 (Bad Request)'))
  expect(unexpected).toEqual([])
})
