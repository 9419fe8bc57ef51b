import { api } from './api.js'
import { closeAfter, setUpDialog, showError } from './dialog.js'
import { create, element } from './dom.js'
import { formatNumber } from './format.js'
import { focusCity, rememberCity } from './result-focus.js'

const dialog = element('city-dialog', HTMLDialogElement)
const form = element('city-form', HTMLFormElement)
const title = element('city-title', HTMLElement)
const compare = element('compare', HTMLTableSectionElement)
const remove = element('city-delete', HTMLButtonElement)

let openId = 0
let isDeleted = false

export function setUpCityDialog() {
  setUpDialog(dialog, ({ name, population }, action) =>
    api.updateCity(openId, { name, population: Number(population), losesInstant: action === 'lose' }),
  )
  remove.addEventListener('click', () => {
    // The second click confirms.
    if (!remove.hasAttribute('data-sure')) return askAgain(true)
    void closeAfter(dialog, async () => {
      await api.deleteCity(openId)
      isDeleted = true
    })
  })
  remove.addEventListener('blur', () => askAgain(false))
  // The list may have been rebuilt since, without the button that had the focus.
  dialog.addEventListener('close', () => focusCity(openId, isDeleted))
}

/** @param {number} id */
export async function openCity(id) {
  openId = id
  isDeleted = false
  rememberCity(id)
  askAgain(false)
  showError(dialog, '')
  const { row } = await showBoth(id)
  if (row === null) return
  field('name').value = row.name
  field('population').value = String(row.population)
  dialog.showModal()
  field('name').select()
}

/** Reloads the open city, because the index may have changed. */
export async function refreshCity() {
  if (dialog.open) await showBoth(openId)
}

/** @param {number} id */
async function showBoth(id) {
  const both = await api.city(id)
  const { row, document } = both
  title.textContent = row?.name ?? document?.name ?? 'This city is gone'
  const lines = [
    line('Name', row?.name, document?.name),
    line('Population', row && formatNumber(row.population), document && formatNumber(document.population)),
    line('Country', row?.country.name, document?.countryName),
  ]
  compare.replaceChildren(...lines)
  return both
}

/** @param {string} name @param {string | null | undefined} inRow @param {string | null | undefined} inDocument */
function line(name, inRow, inDocument) {
  return create(
    'tr',
    { class: inRow === inDocument ? '' : 'differs' },
    create('th', { scope: 'row' }, name),
    create('td', {}, inRow ?? '–'),
    create('td', {}, inDocument ?? '–'),
  )
}

/** @param {boolean} isSure */
function askAgain(isSure) {
  remove.toggleAttribute('data-sure', isSure)
  remove.textContent = isSure ? 'Really delete?' : 'Delete'
}

/** @param {string} name */
function field(name) {
  const input = form.elements.namedItem(name)
  if (!(input instanceof HTMLInputElement)) throw new TypeError(`There is no field ${name}`)
  return input
}
