import { create } from './dom.js'
import { formatDuration, formatNumber } from './format.js'

/** @typedef {import('./api.js').Change} Change */

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })

/**
 * One change in the list.
 *
 * @param {Change} change
 * @param {number} now on the server's clock
 */
export function toItem(change, now) {
  const { id, title, committedAt, done, total, indexedMs } = change
  const time = create('time', { datetime: new Date(committedAt).toISOString() }, clock.format(committedAt))
  const item = create(
    'li',
    { 'data-id': String(id), 'data-state': stateOf(change) },
    create('span', { class: 'title' }, title),
    create('span', { class: 'badge' }, badge(change, now)),
    create('span', { class: 'detail' }, time, ` · ${detail(change)}`),
  )
  if (total > 1 && indexedMs === undefined) {
    const label = `${formatNumber(done)} of ${formatNumber(total)} cities`
    item.append(create('progress', { max: String(total), value: String(done), 'aria-label': label }))
  }
  return item
}

/** @param {Change} change */
function stateOf({ dueAt, indexedMs, healed }) {
  if (indexedMs === undefined) return dueAt === undefined ? 'pending' : 'waiting'
  return healed === true ? 'healed' : 'indexed'
}

/** @param {Change} change @param {number} now */
function badge({ dueAt, indexedMs }, now) {
  if (indexedMs !== undefined) return formatDuration(indexedMs)
  if (dueAt === undefined) return 'on its way'
  return dueAt > now ? `heals in ${Math.ceil((dueAt - now) / 1_000)} s` : 'due'
}

/** @param {Change} change */
function detail({ dueAt, done, total, indexedMs, healed, searchableMs }) {
  if (indexedMs === undefined) {
    if (total > 1) return `${formatNumber(done)} of ${formatNumber(total)} cities`
    return dueAt === undefined ? 'committed' : 'committed, its instant message lost'
  }
  const how = healed === undefined ? 'indexed' : howItWasSaved(healed)
  const what = total > 1 ? `${formatNumber(total)} cities ${how}` : how
  return searchableMs === undefined ? what : `${what}, searchable after ${formatDuration(searchableMs)}`
}

/** How a change without its instant message came to the index. @param {boolean} healed */
function howItWasSaved(healed) {
  return healed ? 'healed by its delay message' : 'message lost, but indexed with that of another change'
}
