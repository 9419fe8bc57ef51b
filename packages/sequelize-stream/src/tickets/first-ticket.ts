/**
 * The start of a new counter: the epoch milliseconds of its creation. An index may already contain versions above 1,
 * from writes without tickets or from a dropped counter, and each of them would silently win over a new ticket. The
 * clock matters only here. Afterwards the counter just counts.
 */
export function firstTicket(): number {
  return Date.now()
}
