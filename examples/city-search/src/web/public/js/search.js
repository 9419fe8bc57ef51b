import { api } from './api.js'
import { create, element } from './dom.js'
import { formatNumber } from './format.js'
import { advise } from './no-results.js'
import { cityButtons, keepFocus } from './result-focus.js'

/** @typedef {import('./api.js').CityDocument} CityDocument */

const form = element('search', HTMLFormElement)
const box = element('q', HTMLInputElement)
const country = element('country', HTMLSelectElement)
const summary = element('summary', HTMLElement)
const results = element('results', HTMLOListElement)

/** @type {AbortController | undefined} */
let running

/** @param {(id: number) => void} open what a click on a city does */
export function startSearch(open) {
  form.addEventListener('submit', (event) => event.preventDefault())
  form.addEventListener('input', () => void search())
  results.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest('button') : null
    if (button) open(Number(button.dataset['id']))
  })
  document.addEventListener('keydown', moveByKey)
  void search()
}

/** Searches with the values of the form. Aborts an earlier search that is still running. */
export async function search() {
  running?.abort()
  const { signal } = (running = new AbortController())
  try {
    const { total, tookMs, cities } = await api.search({ q: box.value, country: country.value }, signal)
    const what = total === 1 ? 'city' : 'cities'
    summary.textContent = `${formatNumber(total)} ${what}, found in ${tookMs} ms`
    advise(total)
    keepFocus(() => results.replaceChildren(...cities.map(toItem)))
  } catch (error) {
    if (!signal.aborted) tell(error)
  }
}

/** Shows an error in place of the number of cities. @param {unknown} error */
export function tell(error) {
  summary.textContent = error instanceof Error ? error.message : String(error)
}

/** @param {CityDocument} city */
function toItem({ id, name, countryCode, countryName, population }) {
  const label = create('span', { class: 'name' }, name)
  const place = create(
    'span',
    { class: 'place' },
    create('abbr', { title: countryName }, countryCode),
    countryName,
  )
  const people = create('span', { class: 'population' }, formatNumber(population))
  const unit = create('span', { class: 'hidden' }, ' inhabitants')
  people.append(unit)
  return create('li', {}, create('button', { type: 'button', 'data-id': String(id) }, label, place, people))
}

/** @param {KeyboardEvent} event */
function moveByKey(event) {
  const { target, key } = event
  if (!(target instanceof HTMLElement) || document.querySelector('dialog[open]')) return
  const isTyping = target.matches('input, select, textarea')
  const list = cityButtons()
  const index = list.findIndex((button) => button === target)
  if (key === '/' && !isTyping) box.select()
  else if (key === 'Escape' && index >= 0) box.focus()
  else if (key === 'ArrowDown' && (target === box || index >= 0)) list[index + 1]?.focus()
  else if (key === 'ArrowUp' && index >= 0) (list[index - 1] ?? box).focus()
  else return
  event.preventDefault()
}
