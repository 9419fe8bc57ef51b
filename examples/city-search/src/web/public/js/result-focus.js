import { element } from './dom.js'

const box = element('q', HTMLInputElement)
const results = element('results', HTMLOListElement)

/** The position of the city that was opened last. */
let openedAt = 0

/** The buttons of the listed cities. */
export function cityButtons() {
  return [...results.querySelectorAll('button')]
}

/** Remembers where the city stands, in case that it leaves the list. @param {number} id */
export function rememberCity(id) {
  openedAt = Math.max(0, cityButtons().findIndex(isOf(id)))
}

/**
 * Moves the focus to a city. If it is gone, or not listed any more, to the one that follows it in the list, or else to
 * the one before it.
 *
 * @param {number} id
 * @param {boolean} isGone
 */
export function focusCity(id, isGone) {
  const list = cityButtons()
  const index = list.findIndex(isOf(id))
  if (index >= 0 && !isGone) return list[index]?.focus()
  const others = list.filter((button) => !isOf(id)(button))
  focusNear(others, index < 0 ? openedAt : index)
}

/** Rebuilds the list. A focus in the list stays on its city, or near its place. @param {() => void} rebuild */
export function keepFocus(rebuild) {
  const before = cityButtons()
  const index = before.findIndex((button) => button === document.activeElement)
  rebuild()
  if (index < 0) return
  const same = cityButtons().find(isOf(Number(before[index]?.dataset['id'])))
  // The user may have scrolled elsewhere, so this does not scroll.
  if (same) same.focus({ preventScroll: true })
  else focusNear(cityButtons(), index)
}

/** @param {readonly HTMLButtonElement[]} list @param {number} index */
function focusNear(list, index) {
  const near = list[index] ?? list.at(-1) ?? box
  near.focus()
}

/** @param {number} id @returns {(button: HTMLButtonElement) => boolean} */
function isOf(id) {
  return (button) => button.dataset['id'] === String(id)
}
