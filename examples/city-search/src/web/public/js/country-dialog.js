import { api } from './api.js'
import { setUpDialog, showError } from './dialog.js'
import { create, element } from './dom.js'

const select = element('country', HTMLSelectElement)
const button = element('rename-country', HTMLButtonElement)
const hint = element('rename-hint', HTMLElement)
const dialog = element('country-dialog', HTMLDialogElement)
const title = element('country-title', HTMLElement)
const form = element('country-form', HTMLFormElement)

export async function setUpCountries() {
  setUpDialog(dialog, async ({ name = '' }) => {
    await api.renameCountry(select.value, name)
    await fill()
  })
  select.addEventListener('input', nameButton)
  button.addEventListener('click', open)
  await fill()
}

async function fill() {
  const chosen = select.value
  const countries = await api.countries()
  select.replaceChildren(
    create('option', { value: '' }, 'All countries'),
    ...countries.map(({ code, name }) => create('option', { value: code }, name)),
  )
  select.value = chosen
  nameButton()
}

function open() {
  const name = select.selectedOptions[0]?.text ?? ''
  title.textContent = `Rename ${name}`
  showError(dialog, '')
  const input = form.elements.namedItem('name')
  dialog.showModal()
  if (!(input instanceof HTMLInputElement)) return
  input.value = name
  input.select()
}

/** The button is disabled without a country. The hint beside it says so. */
function nameButton() {
  const isChosen = select.value !== ''
  const why = 'To rename a country, choose it first.'
  button.disabled = !isChosen
  button.title = isChosen ? '' : why
  hint.textContent = isChosen ? 'A new name goes to the documents of all its cities.' : why
}
