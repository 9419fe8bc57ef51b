import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
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
  await page.setViewportSize({ width: 360, height: 640 })
  await page.goto(app.url)
  await page.locator('#results button').first().waitFor()
})
afterAll(async () => {
  await opened.close()
  await app.close()
})

/** Whether the element is inside the screen and not under the fixed bar. */
async function isClear(element: Locator): Promise<boolean> {
  const [box, bar] = await Promise.all([element.boundingBox(), page.locator('.jump').boundingBox()])
  if (box === null || bar === null) throw new Error('It is not shown')
  return box.y >= 0 && box.y + box.height <= bar.y
}

it.each([360, 320])('needs no horizontal scrolling at %i pixels', async (width) => {
  await page.setViewportSize({ width, height: 640 })
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
  await page.setViewportSize({ width: 360, height: 640 })
})

it('scrolls each city that gets the focus to above the fixed bar, and the last one, too', async () => {
  await page.getByRole('searchbox').focus()
  const cities = page.locator('#results button')
  const count = await cities.count()
  expect(count).toBe(15)
  for (let index = 0; index < count; index++) {
    await page.keyboard.press('ArrowDown')
    const city = cities.nth(index)
    expect(await city.evaluate((button) => button === document.activeElement)).toBe(true)
    await expect.poll(() => isClear(city)).toBe(true)
  }
})

it('covers nothing at the end of the page', async () => {
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight))
  const [panel, bar] = await Promise.all([
    page.locator('.live').boundingBox(),
    page.locator('.jump').boundingBox(),
  ])
  expect((panel?.y ?? 0) + (panel?.height ?? 0)).toBeLessThanOrEqual(bar?.y ?? 0)
})

it('shows all of a dialog, by scrolling in it', async () => {
  await page.locator('#results button').first().click()
  const last = page.getByRole('button', { name: 'Save without the instant message' })
  await last.focus()
  const box = await last.boundingBox()
  expect((box?.y ?? Infinity) + (box?.height ?? 0)).toBeLessThanOrEqual(640)
  const { scrollWidth, clientWidth } = await page
    .getByRole('dialog')
    .evaluate(({ scrollWidth, clientWidth }) => ({ scrollWidth, clientWidth }))
  expect(scrollWidth).toBe(clientWidth)
})
