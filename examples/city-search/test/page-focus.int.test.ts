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
beforeEach(async () => {
  await page.goto(app.url)
  await page.locator('#results button').first().waitFor()
  await page.getByRole('combobox').selectOption('Germany')
  await app.scope.waitFor(async () => !(await names()).includes('Zürich'))
})

/** The names in the list, in their order. */
function names(): Promise<string[]> {
  return page.locator('#results .name').allTextContents()
}

/** The city whose button has the focus, or the id of the focused element. */
function focused(): Promise<string | null | undefined> {
  return page.evaluate(() => {
    const { activeElement } = document
    return activeElement?.querySelector('.name')?.textContent ?? (activeElement?.id || activeElement?.tagName)
  })
}

/** With the keyboard alone. */
async function deleteCity(name: string): Promise<void> {
  await page.getByRole('button', { name }).press('Enter')
  await page.getByRole('dialog').waitFor()
  await page.getByRole('button', { name: 'Delete' }).press('Enter')
  await page.getByRole('button', { name: 'Really delete?' }).press('Enter')
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
}

/** Renames the city with the keyboard alone. The dialog begins in the name field. */
async function rename(name: string, to: string): Promise<void> {
  await page.getByRole('button', { name }).press('Enter')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.type(to)
  await page.getByRole('button', { name: 'Save', exact: true }).press('Enter')
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
}

it('keeps the focus on the saved city, before and after the list is rebuilt', async () => {
  await rename('Hamburg', 'Free Hamburg')
  expect(await focused()).toMatch(/^(Free )?Hamburg$/)
  await expect.poll(names).toContain('Free Hamburg')
  expect(await focused()).toBe('Free Hamburg')
})

it('moves the focus to the neighbour of a saved city that the search no longer finds', async () => {
  await page.getByRole('searchbox').fill('ber')
  await expect.poll(names).toEqual(['Berlin', 'Bernau bei Berlin'])
  await rename('Bernau bei Berlin', 'Panke')
  await expect.poll(names).toEqual(['Berlin'])
  expect(await focused()).toBe('Berlin')
  await rename('Berlin', 'Spree')
  await expect.poll(names).toEqual([])
  expect(await focused()).toBe('q')
})

it('moves the focus to the city after a deleted one, or to the one before the last', async () => {
  await expect.poll(names).toEqual(['Spree', 'Free Hamburg', 'Munich', 'Panke', 'Zweibrücken'])
  await deleteCity('Free Hamburg')
  expect(await focused()).toBe('Munich')
  await expect.poll(names).toEqual(['Spree', 'Munich', 'Panke', 'Zweibrücken'])
  expect(await focused()).toBe('Munich')
  await deleteCity('Zweibrücken')
  expect(await focused()).toBe('Panke')
  await expect.poll(names).toEqual(['Spree', 'Munich', 'Panke'])
  expect(await focused()).toBe('Panke')
})

it('returns to the city if the list was rebuilt while the dialog was open', async () => {
  await page.getByRole('button', { name: 'Munich' }).press('Enter')
  await page.getByRole('dialog').waitFor()
  const before = await page.getByRole('button', { name: 'Munich' }).elementHandle()
  await fetch(`${app.url}/api/cities/101`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Spree 2' }),
  })
  await expect.poll(() => before?.evaluate(({ isConnected }) => isConnected)).toBe(false)
  await page.keyboard.press('Escape')
  await expect.poll(focused).toBe('Munich')
})

it('keeps the focus on the button whose write was rejected', async () => {
  await page.getByRole('button', { name: 'Munich' }).press('Enter')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.type('   ')
  await page.getByRole('button', { name: 'Save', exact: true }).press('Enter')
  await page.getByRole('alert').getByText('must not be empty').waitFor()
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Save')
})
