/**
 * @typedef {import('../../../index/city-document.ts').CityDocument} CityDocument
 * @typedef {import('../../../index/search-cities.ts').CitySearchResult} CitySearchResult
 * @typedef {import('../../../changes/change.ts').Change} Change
 * @typedef {import('../../status-feed.ts').Status} Status
 * @typedef {{ code: string, name: string }} Country
 * @typedef {{ name: string, population: number, country: Country }} CityRow
 */

/**
 * Calls the API. Throws an error with the reason if the answer is not a success.
 *
 * @template T
 * @param {string} method
 * @param {string} path
 * @param {{ body?: object, signal?: AbortSignal }} [options]
 * @returns {Promise<T>}
 */
async function request(method, path, { body, signal } = {}) {
  const response = await fetch(path, {
    method,
    signal: signal ?? null,
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  /** @type {unknown} */
  const answer = await response.json().catch(() => ({ error: `The server answered ${response.status}` }))
  if (!response.ok) throw new Error(/** @type {{ error: string }} */ (answer).error)
  return /** @type {T} */ (answer)
}

export const api = {
  /**
   * @param {{ q: string, country: string }} search
   * @param {AbortSignal} signal
   * @returns {Promise<CitySearchResult>}
   */
  search({ q, country }, signal) {
    const query = new URLSearchParams({ q, limit: '50', ...(country && { country }) })
    return request('GET', `/api/cities?${query}`, { signal })
  },

  /** @param {number} id @returns {Promise<{ row: CityRow | null, document: CityDocument | null }>} */
  city: (id) => request('GET', `/api/cities/${id}`),

  /** @param {number} id @param {object} values @returns {Promise<object>} */
  updateCity: (id, values) => request('PATCH', `/api/cities/${id}`, { body: values }),

  /** @param {number} id @returns {Promise<object>} */
  deleteCity: (id) => request('DELETE', `/api/cities/${id}`),

  /** @returns {Promise<Country[]>} */
  countries: () => request('GET', '/api/countries'),

  /** @param {string} code @param {string} name @returns {Promise<object>} */
  renameCountry: (code, name) => request('PATCH', `/api/countries/${code}`, { body: { name } }),
}
