import type { Case } from './case.ts'

export const plainCases: readonly Case[] = [
  { name: 'plain-esm', what: 'nothing but the packages and their peers, as ESM', flavour: 'esm' },
  { name: 'plain-cjs', what: 'nothing but the packages and their peers, as CommonJS', flavour: 'cjs' },
]
