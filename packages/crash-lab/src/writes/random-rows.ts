import { cityIds, countryIds } from './block.ts'
import type { Random } from './random.ts'
import type { WriteContext } from './write-context.ts'

/** Returns a city with a new name and population. */
export function randomCity({ base, random }: WriteContext, id: number) {
  const countryId = random.pick(countryIds(base))
  return { id, name: randomName(random), population: random.between(1, 1_000_000), countryId }
}

export function randomName(random: Random): string {
  return `name ${random.seed()}`
}

/** Returns the ids of one to three of the cities that the block started with. */
export function someCities({ base, random }: WriteContext): number[] {
  const ids = Array.from({ length: 3 }, () => random.pick(cityIds(base)))
  return [...new Set(ids)]
}
