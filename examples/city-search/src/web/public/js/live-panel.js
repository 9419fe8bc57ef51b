import { element } from './dom.js'
import { formatDuration, formatNumber, median } from './format.js'
import { toItem } from './change-item.js'

/**
 * @typedef {import('./api.js').Change} Change
 * @typedef {import('./api.js').Status} Status
 */

const connection = element('connection', HTMLElement)
const list = element('changes', HTMLOListElement)
const announcer = element('announcer', HTMLElement)

/** @type {Status | undefined} */
let last
/** How far the server's clock is ahead of ours. */
let clockOffset = 0

/** @param {() => void} onIndexChanged called when searches may find something new */
export function startLivePanel(onIndexChanged) {
  const events = new EventSource('/api/status/events')
  events.addEventListener('message', ({ data }) => {
    const status = /** @type {Status} */ (JSON.parse(String(data)))
    clockOffset = status.now - Date.now()
    const news = status.changes.filter((change) => isNews(change))
    last = status
    show(status)
    announce(news)
    if (news.length > 0) onIndexChanged()
  })
  events.addEventListener('error', () => setConnection('away', 'the server is away'))
  // Between the events, only countdowns change.
  setInterval(() => last?.changes.some(isWaiting) && showChanges(last.changes), 250)
}

/** Whether searches show more of the change than at the last status. @param {Change} change */
function isNews(change) {
  const before = last?.changes.find(({ id }) => id === change.id)
  if (change.searchableMs !== before?.searchableMs) return true
  return change.kind === 'country' && change.done !== (before?.done ?? 0)
}

/** @param {Change} change */
function isWaiting({ dueAt, indexedMs }) {
  return dueAt !== undefined && indexedMs === undefined
}

/** @param {Status} status */
function show({ lag, away, changes }) {
  if (lag) setConnection('live', 'live')
  else setConnection('away', `${away ?? 'A service'} is away`)
  setTile('lag-indexer', lag && formatNumber(lag.indexer))
  setTile('lag-cascade', lag && formatNumber(lag.cascade))
  setTile('lag-overdue', lag && formatNumber(lag.overdue))
  setTile('dead-letters', lag && formatNumber(lag.deadLetters))
  setTile('delayed', lag && delayedText(lag.delayed))
  const direct = changes.filter(({ kind, dueAt }) => kind !== 'country' && dueAt === undefined)
  const middle = median(direct.flatMap(({ indexedMs }) => indexedMs ?? []))
  setTile('median', middle === undefined ? null : formatDuration(middle))
  setTile('jump', jumpText(changes[0]))
  element('no-changes', HTMLElement).hidden = changes.length > 0
  showChanges(changes)
}

/** @param {number} delayed */
function delayedText(delayed) {
  if (delayed === 0) return 'No delay message waits until it is due.'
  const messages = delayed === 1 ? '1 delay message waits' : `${formatNumber(delayed)} delay messages wait`
  return `${messages} until due: the safety net, no backlog.`
}

/** @param {Change | undefined} change */
function jumpText(change) {
  if (change === undefined) return 'Live'
  const { indexedMs, dueAt, title } = change
  if (indexedMs !== undefined) return `${formatDuration(indexedMs)} · ${title}`
  return `${dueAt === undefined ? 'On its way' : 'Message lost'} · ${title}`
}

/** @param {readonly Change[]} changes */
function showChanges(changes) {
  const now = Date.now() + clockOffset
  list.replaceChildren(...changes.map((change) => toItem(change, now)))
}

/** @param {readonly Change[]} news */
function announce(news) {
  const finished = news.filter(({ searchableMs }) => searchableMs !== undefined)
  const texts = finished.map(
    ({ title, healed, indexedMs = 0 }) =>
      `${title}, ${healed === true ? 'healed' : 'indexed'} after ${formatDuration(indexedMs)}.`,
  )
  if (texts.length > 0) announcer.textContent = texts.join(' ')
}

/** @param {string} state @param {string} text */
function setConnection(state, text) {
  connection.dataset['state'] = state
  if (connection.textContent !== text) connection.textContent = text
}

/** @param {string} id @param {string | null} text */
function setTile(id, text) {
  element(id, HTMLElement).textContent = text ?? '–'
}
