import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
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

it('shows a lost message with one visible button, and that the delay message heals it', async () => {
  const button = page.getByRole('button', { name: 'Lose a message' })
  expect(await button.isVisible()).toBe(true)
  expect(await page.locator('#lose-text').isVisible()).toBe(true)
  await page.locator('#results button').first().waitFor()
  await button.press('Enter')
  await page.getByText('Zürich has one more inhabitant in PostgreSQL').waitFor()
  const change = page.locator('#changes li').first()
  await change.getByText(/heals in \d s/).waitFor()
  await change.getByText('healed by its delay message').waitFor()
  await expect.poll(() => page.locator('#results .population').first().textContent()).toMatch(/^1,000,001 /)
})

it('does not call a lost change healed if a later write brought it', async () => {
  await page.getByRole('searchbox').fill('basel')
  await expect.poll(() => page.locator('#results .name').allTextContents()).toEqual(['Basel'])
  await page.getByRole('button', { name: 'Lose a message' }).click()
  await page.getByText('Basel has one more inhabitant').waitFor()
  await page.getByRole('button', { name: /^Basel/ }).click()
  await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('Bâle')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  const lost = page.locator('#changes li', { hasText: 'Basel was changed' })
  await lost.getByText('message lost, but indexed with that of another change').waitFor()
  expect(await page.locator('#changes').getByText('healed').count()).toBe(
    await page.locator('#changes li', { hasText: 'Zürich' }).count(),
  )
})

it('shows waiting delay messages as the safety net, apart from overdue ones', async () => {
  await page.getByRole('button', { name: 'Lose a message' }).press('Enter')
  await page.getByText(/delay messages? waits? until due: the safety net, no backlog/).waitFor()
  expect(await page.locator('#lag-overdue').textContent()).toBe('0')
  expect(await page.locator('#dead-letters').textContent()).toBe('0')
})

describe('an empty result', () => {
  const advice = (): Promise<string | null> => page.locator('#no-results').textContent()

  it('says what to try', async () => {
    await page.getByRole('searchbox').fill('xyz')
    await expect
      .poll(advice)
      .toBe(
        'No city has words that begin with “xyz”. Try fewer letters or another spelling, such as the local name. Accents do not matter.',
      )
    expect(await page.locator('#no-results').getAttribute('role')).toBe('status')
    expect(await page.getByRole('button', { name: 'Search in all countries' }).isVisible()).toBe(false)
    await page.getByRole('searchbox').fill('gen')
    await expect.poll(advice).toBe('')
  })

  it('offers to search in all countries, and keeps the focus in the search', async () => {
    await page.getByRole('combobox').selectOption('Germany')
    await page.getByRole('searchbox').fill('gen')
    await expect.poll(advice).toContain('No city in Germany has words that begin with “gen”')
    await page.getByRole('button', { name: 'Search in all countries' }).press('Enter')
    await expect.poll(() => page.locator('#results .name').allTextContents()).toEqual(['Genève'])
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('q')
  })
})

it('says why a button is disabled, visibly and to screen readers', async () => {
  const button = page.getByRole('button', { name: 'Rename country…' })
  const why = 'To rename a country, choose it first.'
  expect(await page.getByText(why).isVisible()).toBe(true)
  expect(await page.locator('button:disabled').count()).toBe(1)
  expect(await button.getAttribute('title')).toBe(why)
  expect(await button.getAttribute('aria-describedby')).toBe('rename-hint')
  await page.getByRole('combobox').selectOption('Germany')
  expect(await page.locator('button:disabled').count()).toBe(0)
  expect(await page.getByText(why).count()).toBe(0)
})

it('has caused no errors in the page', () => {
  expect(opened.errors).toEqual([])
})
