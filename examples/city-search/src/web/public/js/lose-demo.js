import { api } from './api.js'
import { element } from './dom.js'
import { cityButtons } from './result-focus.js'

const button = element('lose', HTMLButtonElement)
const outcome = element('lose-outcome', HTMLElement)

let isBusy = false

export function setUpLoseDemo() {
  button.addEventListener('click', () => void show())
}

/** Shows the safety net with one click: changes a city without the instant message. */
async function show() {
  if (isBusy) return
  isBusy = true
  try {
    outcome.textContent = await loseMessage()
  } catch (error) {
    outcome.textContent = error instanceof Error ? error.message : String(error)
  } finally {
    isBusy = false
  }
}

/** Resolves with what happened. */
async function loseMessage() {
  const id = Number(cityButtons()[0]?.dataset['id'])
  if (Number.isNaN(id)) return 'No city is listed: search for one first.'
  const { row } = await api.city(id)
  if (row === null) return 'The first city is being deleted: try again.'
  await api.updateCity(id, { population: row.population + 1, losesInstant: true })
  return `${row.name} has one more inhabitant in PostgreSQL, and its message is lost. The last changes show when it is healed.`
}
