/** Ids that belong to one cell or round: cells don't meddle with each other's rows. */
export const blockSize = 100

/** How many countries and cities a block begins with. */
const countriesPerBlock = 3
const citiesPerBlock = 12

/** The countries of a block have its first ids. */
export function countryIds(base: number): number[] {
  return Array.from({ length: countriesPerBlock }, (_, index) => base + index)
}

/** The ids of the cities that a block begins with. */
export function cityIds(base: number): number[] {
  return Array.from({ length: citiesPerBlock }, (_, index) => base + index)
}

/** Ids of cities that a block does not begin with. */
export function spareCityIds(base: number): number[] {
  return Array.from({ length: blockSize - citiesPerBlock }, (_, index) => base + citiesPerBlock + index)
}
