import { element } from './dom.js'

const box = element('q', HTMLInputElement)
const country = element('country', HTMLSelectElement)
const advice = element('no-results', HTMLElement)
const everywhere = element('all-countries', HTMLButtonElement)

export function setUpNoResults() {
  everywhere.addEventListener('click', () => {
    country.value = ''
    country.dispatchEvent(new Event('input', { bubbles: true }))
    // The button disappears with its focus.
    box.focus()
  })
}

/** Says what to try when a search has found nothing. @param {number} total number of cities that were found */
export function advise(total) {
  const text = total > 0 ? '' : whatToTry()
  // A live region is read again at each change.
  if (advice.textContent !== text) advice.textContent = text
  everywhere.hidden = total > 0 || country.value === ''
}

function whatToTry() {
  const place = country.value === '' ? '' : ` in ${country.selectedOptions[0]?.text ?? country.value}`
  const text = box.value.trim()
  if (text !== '')
    return `No city${place} has words that begin with “${text}”. Try fewer letters or another spelling, such as the local name. Accents do not matter.`
  if (place !== '') return `There are no cities${place}. Choose another country.`
  return 'There are no cities yet. They appear here as soon as they are indexed.'
}
