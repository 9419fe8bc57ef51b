/**
 * Where a new counter starts: the epoch milliseconds of its creation. An index may hold higher versions than 1 already,
 * from writes without tickets or from a counter that was dropped, and each of them would silently win over a new
 * ticket. The clock matters only here: from then on the counter counts.
 */
export function firstTicket(): number {
  return Date.now()
}
