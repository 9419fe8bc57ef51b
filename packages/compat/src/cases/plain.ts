import type { Case } from './case.ts'

export const plainCases: readonly Case[] = [
  { name: 'plain-esm', what: 'only the packages and their peers, as ESM', flavour: 'esm' },
  { name: 'plain-cjs', what: 'only the packages and their peers, as CommonJS', flavour: 'cjs' },
]
