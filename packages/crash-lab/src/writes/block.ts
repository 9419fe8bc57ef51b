/** Ids that belong to one cell or round. No other cell or round touches these rows. */
export const blockSize = 100

/** Number of countries and cities that a block starts with. */
const countriesPerBlock = 3
const citiesPerBlock = 12

/** A block's countries have its first ids. */
export function countryIds(base: number): number[] {
  return Array.from({ length: countriesPerBlock }, (_, index) => base + index)
}

/** Returns the ids of the cities that a block starts with. */
export function cityIds(base: number): number[] {
  return Array.from({ length: citiesPerBlock }, (_, index) => base + index)
}

/** Returns ids of cities that a block does not start with. */
export function spareCityIds(base: number): number[] {
  return Array.from({ length: blockSize - citiesPerBlock }, (_, index) => base + citiesPerBlock + index)
}
